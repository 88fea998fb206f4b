"""The vocoder with fixed shapes gives the same sound, and Core ML runs it completely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from tools.coreml.eligibility import check_eligibility
from wyoming_kokoro.api.providers import SessionOptions
from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.inference.pacing import FIRST_WINDOW_FRAMES, LARGE_WINDOW_FRAMES
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.model.adain import TIMBRE_WIDTH
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.manifest import NEXT_SUFFIX, WINDOW_FRAMES, Manifest
from wyoming_kokoro.onnx import OnnxSession, open_onnx
from wyoming_kokoro.preparation.graph.static_shapes import static_beginning, static_vocoder
from wyoming_kokoro.types import Array, Samples
from wyoming_kokoro_coreml.platform_info import PlatformInfo

pytestmark = pytest.mark.model

PHRASES = {"af_heart": "tˈaɪmɚ kˈænsəld.", "bf_emma": "ɡˈʊd mˈɔːnɪŋ, ðə kˈɒfi ɪz ɹˈɛdi."}
# Of full scale. The measured difference is 3e-6.
MAX_DIFFERENCE = 1e-4
SIZES = sorted({*FIRST_WINDOW_FRAMES, WINDOW_FRAMES, LARGE_WINDOW_FRAMES})


def shapes(model: onnx.ModelProto, frames: int, ahead: int) -> dict[str, list[int]]:
    fixed = {
        item.name: [dim.dim_value for dim in item.type.tensor_type.shape.dim]
        for item in model.graph.input
        if item.name in ("scale", "shift")
    }
    return {"frames": [1, 512, 1, frames], "source": [1, 22, 1, (frames + ahead) * HOPS_PER_FRAME], **fixed}


@pytest.fixture(scope="module")
def windows(stages_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the vocoder for each window size, by `first` or `next` and the size."""
    folder, manifest = tmp_path_factory.mktemp("static"), Manifest.read(stages_folder)
    model = onnx.load(stages_folder / "vocoder.onnx")
    first = shapes(model, FIRST_WINDOW_FRAMES[0], manifest.look_ahead)
    graphs = {f"first{FIRST_WINDOW_FRAMES[0]}": static_beginning(model, manifest.states, first)}
    for size in SIZES:
        graphs[f"next{size}"] = static_vocoder(model, manifest.states, shapes(model, size, 0))
    for name, graph in graphs.items():
        onnx.save(graph, folder / f"{name}.onnx")
    return {name: folder / f"{name}.onnx" for name in graphs}


@pytest.fixture(scope="module")
def sessions(windows: dict[str, Path]) -> dict[str, OnnxSession]:
    return {
        name: open_onnx(file, ["CPUExecutionProvider"], SessionOptions(2, file.parent))
        for name, file in windows.items()
    }


def decode_in_windows(
    stages: ModelPipeline, sessions: dict[str, OnnxSession], prosody: Prosody, frames: Samples, sizes: list[int]
) -> Samples:
    """Return samples, decoded in windows of `sizes`. The last size is repeated, and the end is padded."""
    _, mean, variance = stages.decode_whole(prosody, frames)
    manifest = stages._manifest
    affine = stages._affine.feeds(prosody.style[0, :TIMBRE_WIDTH], mean, variance)
    source, inverse = stages._source(prosody), InverseStft()
    frames = np.pad(frames, ((0, 0), (0, stages.lag + max(sizes))), mode="edge")
    hops = source.spectrum(0, source.frames)
    hops = np.pad(hops, ((0, 0), (0, 0), (0, 2 * max(sizes) * HOPS_PER_FRAME)))
    end, position, source_end, parts = prosody.frames + stages.lag, 0, 0, list[Samples]()
    state: dict[str, Array] = {}
    while position < end:
        size = sizes[min(len(parts), len(sizes) - 1)]
        next_source_end = position + size + manifest.look_ahead
        hop_range = slice(source_end * HOPS_PER_FRAME, next_source_end * HOPS_PER_FRAME)
        feeds = {
            "frames": np.ascontiguousarray(frames[None, :, None, position : position + size]),
            "source": np.ascontiguousarray(hops[:, :, None, hop_range]),
            **affine,
            **state,
        }
        outputs = sessions[f"{'next' if parts else 'first'}{size}"].run(feeds)
        state = {name.removesuffix(NEXT_SUFFIX): array for name, array in outputs.items() if name.endswith(NEXT_SUFFIX)}
        parts.append(inverse.feed(outputs["spectrum"][0, :, 0]))
        position, source_end = position + size, next_source_end
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("voice", "sizes"),
    [
        ("af_heart", [16, 8, 12, 16]),
        pytest.param("af_heart", [16], marks=pytest.mark.slow),
        pytest.param("af_heart", [16, 32], marks=pytest.mark.slow),
        pytest.param("bf_emma", [16], marks=pytest.mark.slow),
        pytest.param("bf_emma", [16, 8, 12, 16], marks=pytest.mark.slow),
        pytest.param("bf_emma", [16, 32], marks=pytest.mark.slow),
    ],
)
def test_windows_of_fixed_size_equal_the_whole_utterance(
    stages: ModelPipeline, sessions: dict[str, OnnxSession], voice: str, sizes: list[int]
) -> None:
    prosody = stages.predict_prosody(PHRASES[voice], builtin_styles().row(voice, len(PHRASES[voice])), 1.0)
    frames = stages.decode_frames(prosody)
    whole = InverseStft().feed(stages.decode_whole(prosody, frames)[0])
    windowed = decode_in_windows(stages, sessions, prosody, frames, sizes)
    assert np.abs(whole).max() > 0.1
    assert np.abs(windowed[: len(whole)] - whole).max() < MAX_DIFFERENCE


@pytest.mark.skipif(PlatformInfo.here().unavailable_reason is not None, reason="Core ML needs a newer onnxruntime")
@pytest.mark.parametrize("name", [f"first{FIRST_WINDOW_FRAMES[0]}", *(f"next{size}" for size in SIZES)])
def test_core_ml_runs_each_window_completely(windows: dict[str, Path], name: str) -> None:
    found = check_eligibility(windows[name])
    assert found.is_whole, found
    assert found.largest_dimension <= 16_384


def test_core_ml_runs_little_of_windows_of_any_size(stages_folder: Path) -> None:
    found = check_eligibility(stages_folder / "vocoder.onnx")
    assert not found.is_whole
    assert found.supported < found.nodes // 2


def test_too_short_first_window_is_a_mismatch(stages_folder: Path) -> None:
    model, manifest = onnx.load(stages_folder / "vocoder.onnx"), Manifest.read(stages_folder)
    with pytest.raises(GraphMismatch, match="too short"):
        static_beginning(model, manifest.states, shapes(model, 4, manifest.look_ahead))


def test_each_node_has_a_name_of_its_own(windows: dict[str, Path]) -> None:
    """ONNX Runtime 1.20, the newest for Python 3.10, did not open the graphs otherwise."""
    for file in windows.values():
        names = [node.name for node in onnx.load(file).graph.node]
        assert all(names)
        assert len(set(names)) == len(names)
