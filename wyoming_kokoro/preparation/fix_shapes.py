"""Fix the vocoder's shapes: `python -m wyoming_kokoro.preparation.fix_shapes STAGES PRECISION FOLDER`.

STAGES is a prepared model. FOLDER gets `first.onnx` and `later.onnx`, the vocoder of that class of precision for
windows of `WINDOW` frames: the one that begins an utterance and the one that continues it. It is run as a process of
its own, so that its memory is not the server's. Exits with `MISMATCH`, and the reason on stderr, when there is no
such form.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

import onnx

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME
from wyoming_kokoro.model.manifest import WINDOW_FRAMES, Manifest
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.preparation.graph.bfloat16 import to_bfloat16
from wyoming_kokoro.preparation.graph.static_shapes import static_beginning, static_vocoder
from wyoming_kokoro.preparation.store import FIRST_WINDOW_FILE, LATER_WINDOW_FILE, MISMATCH_EXIT_CODE

VOCODER_VARIANTS: Mapping[str, tuple[str, bool]] = {
    "float": ("vocoder.onnx", False),
    "float16": ("vocoder.onnx", False),  # which its providers round themselves
    "int8": ("vocoder.int8.onnx", False),
    "bfloat16": ("vocoder.onnx", True),
    "mixed": ("vocoder.int8.onnx", True),
}
"""By class of precision: the stage it is made from, and whether its float convolutions become bfloat16."""
SPECTRUM_CONVOLUTION = "conv_post"
"""The last convolution makes the logarithm and the phase of the spectrum: rounded, it is heard (0.15 MOS)."""
SOURCE_CHANNELS, FRAME_CHANNELS = 22, 512
CACHE_KEY = "COREML_CACHE_KEY"
"""ONNX Runtime's Core ML provider knows compiled models by it: letters and digits, at most 64."""


def main() -> int:
    """Make what the command line names."""
    stages, precision, folder = sys.argv[1:]
    try:
        write_fixed(Path(stages), precision, Path(folder))
    except (GraphMismatch, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return MISMATCH_EXIT_CODE
    return 0


def write_fixed(stages: Path, precision: str, folder: Path) -> None:
    """Write the two graphs. Raises `GraphMismatch` and `FileNotFoundError`."""
    if precision not in VOCODER_VARIANTS:
        raise GraphMismatch(
            f"there are no graphs of fixed shapes in {precision!r}; there are {', '.join(VOCODER_VARIANTS)}"
        )
    source, halved = VOCODER_VARIANTS[precision]
    model, manifest = onnx.load(stages / source), Manifest.read(stages)
    first = static_beginning(model, manifest.states, window_shapes(model, WINDOW_FRAMES + manifest.look_ahead))
    later = static_vocoder(model, manifest.states, window_shapes(model, WINDOW_FRAMES))
    for name, graph in ((FIRST_WINDOW_FILE, first), (LATER_WINDOW_FILE, later)):
        onnx.save(with_cache_key(_in_bfloat16(graph) if halved else graph), folder / name)


def window_shapes(model: onnx.ModelProto, ahead: int) -> dict[str, list[int]]:
    """Return the shapes of a window's inputs, whose source has so many frames."""
    scale = next(item for item in model.graph.input if item.name == "scale")
    affine = [1, scale.type.tensor_type.shape.dim[1].dim_value, 1, 1]
    frames, source = [1, FRAME_CHANNELS, 1, WINDOW_FRAMES], [1, SOURCE_CHANNELS, 1, ahead * HOPS_PER_FRAME]
    return {"frames": frames, "source": source, "scale": affine, "shift": affine}


def _in_bfloat16(model: onnx.ModelProto) -> onnx.ModelProto:
    return to_bfloat16(model, {node.name for node in model.graph.node if SPECTRUM_CONVOLUTION in node.name})


def with_cache_key(model: onnx.ModelProto) -> onnx.ModelProto:
    """Name `model` after its content and ONNX Runtime, since nobody else tells whether what was compiled is stale."""
    content = hashlib.sha256(model.SerializeToString(deterministic=True))
    content.update(onnxruntime_version().encode())
    onnx.helper.set_model_props(model, {CACHE_KEY: content.hexdigest()})
    return model


if __name__ == "__main__":
    sys.exit(main())
