"""Have Core ML compile a graph: `python -m wyoming_kokoro_coreml VARIANT GRAPH_FILE FOLDER`.

FOLDER gets what is compiled, and the graph in float16 where the variant wants that. The plan goes to stderr, and in the
last line what went wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wyoming_kokoro.onnx import write_in_float16
from wyoming_kokoro_coreml.compilation import CACHE_FOLDER, graph_path
from wyoming_kokoro_coreml.session import PLAN, open_session, session_settings
from wyoming_kokoro_coreml.variants import VARIANTS, Variant


def main() -> int:
    """Compile what the command line names, and return the exit code."""
    name, file, folder = sys.argv[1:]
    try:
        compile_graph(VARIANTS[name], Path(file), Path(folder))
    except Exception as error:  # noqa: BLE001 ONNX Runtime's errors have no common kind
        sys.stderr.write(f"\n{' '.join(str(error).split())}\n")
        return 1
    return 0


def compile_graph(variant: Variant, file: Path, folder: Path) -> None:
    """Open the graph once, which leaves its compiled form in `folder`. Raises what `opened` raises."""
    graph = graph_path(variant, file, folder)
    if variant.in_float16:
        write_in_float16(file, graph)
    entries, options = session_settings(variant.units, folder / CACHE_FOLDER)
    open_session(graph, entries, {**options, PLAN: "1"}).close()


if __name__ == "__main__":
    sys.exit(main())
