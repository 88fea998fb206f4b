"""Compile a graph with Core ML: `python -m wyoming_kokoro_coreml VARIANT GRAPH FOLDER`.

Writes the compiled form into FOLDER, and the graph in float16 if the variant needs that. Writes Core ML's compute plan
to stderr. If it fails, the last line of stderr is the reason.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wyoming_kokoro.onnx import write_in_float16
from wyoming_kokoro_coreml.compilation import CACHE_FOLDER, graph_path
from wyoming_kokoro_coreml.session import PLAN, open_session, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Variant


def main() -> int:
    """Compile the graph of the command line and return the exit code."""
    name, file, folder = sys.argv[1:]
    try:
        compile_graph(VARIANTS[name], Path(file), Path(folder))
    except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common base class
        sys.stderr.write(f"\n{' '.join(str(error).split())}\n")
        return 1
    return 0


def compile_graph(variant: Variant, file: Path, folder: Path) -> None:
    """Open the graph once, which writes its compiled form into `folder`. Raises the errors of `open_session`."""
    graph = graph_path(variant, file, folder)
    if variant.in_float16:
        write_in_float16(file, graph)
    entries, options = session_settings(variant.units, folder / CACHE_FOLDER)
    open_session(graph, entries, {**options, PLAN: "1"}).close()


if __name__ == "__main__":
    sys.exit(main())
