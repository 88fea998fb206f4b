"""Fix the vocoder's shapes: `python -m wyoming_kokoro.preparation.fix_shapes STAGES PRECISION FOLDER`.

STAGES is the folder of a prepared model. FOLDER gets `first.onnx` and `later.onnx` for windows of 16 frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import onnx

from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME
from wyoming_kokoro.model.manifest import WINDOW_FRAMES, Manifest
from wyoming_kokoro.onnx.version import onnxruntime_version
from wyoming_kokoro.preparation.graph.bfloat16 import to_bfloat16
from wyoming_kokoro.preparation.graph.static_shapes import static_beginning, static_vocoder
from wyoming_kokoro.preparation.store import FIRST_WINDOW_FILE, LATER_WINDOW_FILE, run_child

# For each precision: the stage to start from, and whether its float convolutions become bfloat16.
VOCODER_VARIANTS: Mapping[str, tuple[str, bool]] = {
    "float": ("vocoder.onnx", False),
    # Providers for float16 round the float graph themselves.
    "float16": ("vocoder.onnx", False),
    "int8": ("vocoder.int8.onnx", False),
    "bfloat16": ("vocoder.onnx", True),
    "mixed": ("vocoder.int8.onnx", True),
}
# The last convolution computes log magnitudes and phases. In bfloat16 it is audibly worse (0.15 MOS).
SPECTRUM_CONVOLUTION = "conv_post"
SOURCE_CHANNELS, FRAME_CHANNELS = 22, 512
# ONNX Runtime's Core ML provider stores compiled models under this key: letters and digits, at most 64.
CACHE_KEY = "COREML_CACHE_KEY"


def write_fixed_vocoder(stages: str, precision: str, folder: str) -> None:
    """Write the two graphs into `folder`. Raises `GraphMismatch`."""
    if precision not in VOCODER_VARIANTS:
        raise GraphMismatch(f"no vocoder with fixed shapes in {precision!r}; choose {', '.join(VOCODER_VARIANTS)}")
    stage, is_bfloat16 = VOCODER_VARIANTS[precision]
    file = Path(stages, stage)
    if not file.is_file():
        raise GraphMismatch(f"{file} is missing")
    model, manifest = onnx.load(file), Manifest.read(Path(stages))
    first = static_beginning(model, manifest.states, window_shapes(model, WINDOW_FRAMES + manifest.look_ahead))
    later = static_vocoder(model, manifest.states, window_shapes(model, WINDOW_FRAMES))
    spectrum = {node.name for node in model.graph.node if SPECTRUM_CONVOLUTION in node.name}
    for name, graph in ((FIRST_WINDOW_FILE, first), (LATER_WINDOW_FILE, later)):
        onnx.save(with_cache_key(to_bfloat16(graph, spectrum) if is_bfloat16 else graph), Path(folder, name))


def window_shapes(model: onnx.ModelProto, source_frames: int) -> dict[str, list[int]]:
    """Return the shapes of the inputs of one window with this many frames of the harmonic source."""
    scale = next(item for item in model.graph.input if item.name == "scale")
    affine = [1, scale.type.tensor_type.shape.dim[1].dim_value, 1, 1]
    frames, source = [1, FRAME_CHANNELS, 1, WINDOW_FRAMES], [1, SOURCE_CHANNELS, 1, source_frames * HOPS_PER_FRAME]
    return {"frames": frames, "source": source, "scale": affine, "shift": affine}


def with_cache_key(model: onnx.ModelProto) -> onnx.ModelProto:
    """Set a cache key that changes with the graph and with ONNX Runtime. The provider does not check compiled models.

    Changes `model` and returns it.
    """
    content = hashlib.sha256(model.SerializeToString(deterministic=True))
    content.update(onnxruntime_version().encode())
    onnx.helper.set_model_props(model, {CACHE_KEY: content.hexdigest()})
    return model


if __name__ == "__main__":
    raise SystemExit(run_child(write_fixed_vocoder))
