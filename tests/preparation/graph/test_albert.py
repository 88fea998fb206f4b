"""ALBERT with fixed shapes: padding does not change the result, and Core ML runs each graph completely."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.helpers.synthesis.fake_mac import write_small_graph
from tools.coreml.eligibility import check_eligibility
from wyoming_kokoro.api.providers import Session, SessionOptions
from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.inference.albert import FixedTokens
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.manifest import ALBERT_SIZES, CONTEXT
from wyoming_kokoro.model.vocabulary import SYMBOL_COUNT, VOCABULARY, tokenize
from wyoming_kokoro.onnx import OnnxSession, open_onnx, write_in_float16
from wyoming_kokoro.preparation.graph.albert import find_albert
from wyoming_kokoro.preparation.graph.dequantize import dequantize
from wyoming_kokoro.preparation.graph.view import cut, rename
from wyoming_kokoro.preparation.split_albert import write_split_prosody
from wyoming_kokoro.preparation.store import PREDICTOR_FILE, albert_file, split_albert
from wyoming_kokoro.types import Array

pytestmark = pytest.mark.model

PHRASES = {
    "short": "dˈʌn.",
    "middling": "tˈɜːnd ˈɔn ðə kˈɪtʃən lˈaɪts.",
    "long": "ðə lˈaɪts ɪn ðə kˈɪtʃən ɑːɹ ˈɔn, ænd ðə fɹˈʌnt dˈoːɹ ɪz lˈɑːkt.",
    "longer": "tˈɜːnd ˈɔn ðə lˈɪvɪŋ ɹˈuːm lˈaɪts ænd sˈɛt ðə θˈɜːmoʊstæt tə twˈɛnti wˈʌn dᵻɡɹˈiːz.",
}
# The largest context value is 12. The measured difference is 1.4e-5.
MAX_DIFFERENCE = 1e-4


def open_on_cpu(file: Path, folder: Path) -> OnnxSession:
    return open_onnx(file, ["CPUExecutionProvider"], SessionOptions(2, folder))


def token_feeds(phonemes: str) -> dict[str, Array]:
    return {"tokens": np.array([[0, *tokenize(phonemes), 0]], dtype=np.int64)}


def phrases_and_sizes() -> list[tuple[str, int]]:
    """Return each phrase with each graph size that it fits into."""
    return [(name, size) for name, text in PHRASES.items() for size in ALBERT_SIZES if len(text) + 2 <= size]


@pytest.fixture(scope="module")
def folder(stages_folder: Path) -> Path:
    return split_albert(stages_folder)


@pytest.fixture(scope="module")
def unpadded(stages_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> OnnxSession:
    """Return the unchanged ALBERT in float, for texts of any length."""
    target = tmp_path_factory.mktemp("float")
    prosody = dequantize(onnx.load(stages_folder / "prosody.onnx"))
    found = find_albert(prosody.graph)
    onnx.save(rename(cut(prosody, {"tokens": [1, "T"]}, [found.context]), {found.context: CONTEXT}), target / "a.onnx")
    return open_on_cpu(target / "a.onnx", target)


@pytest.fixture(scope="module")
def sessions(folder: Path) -> Mapping[int, Session]:
    return {
        size: FixedTokens(open_on_cpu(folder / albert_file(size), folder / "compiled"), size) for size in ALBERT_SIZES
    }


@pytest.fixture(scope="module")
def predictor(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> OnnxSession:
    """Return the predictor in float: in int8, a change of the last bit of its input changes the pitch by some Hz."""
    target = tmp_path_factory.mktemp("predictor")
    onnx.save(dequantize(onnx.load(folder / PREDICTOR_FILE)), target / PREDICTOR_FILE)
    return open_on_cpu(target / PREDICTOR_FILE, target)


@pytest.mark.parametrize(("name", "size"), phrases_and_sizes())
def test_padding_changes_neither_context_nor_durations_nor_pitch(
    unpadded: OnnxSession, sessions: Mapping[int, Session], predictor: OnnxSession, name: str, size: int
) -> None:
    text = token_feeds(PHRASES[name])
    expected, actual = unpadded.run(text)[CONTEXT], sessions[size].run(text)[CONTEXT]
    assert actual.shape == expected.shape
    assert np.abs(expected).max() > 5
    assert np.abs(actual - expected).max() < MAX_DIFFERENCE
    style = builtin_styles().row("af_heart", len(PHRASES[name]))
    rest = {**text, "style": style, "speed": np.ones(1, dtype=np.float32)}
    expected_outputs, outputs = (predictor.run({**rest, CONTEXT: context}) for context in (expected, actual))
    assert np.array_equal(outputs["durations"], expected_outputs["durations"])
    assert np.abs(outputs["pitch"] - expected_outputs["pitch"]).max() < 0.1, "Hz"


def test_text_without_padding_has_the_same_context(unpadded: OnnxSession, sessions: Mapping[int, Session]) -> None:
    symbols = sorted(VOCABULARY.values())
    for size, session in sessions.items():
        text = {"tokens": np.array([[0, *np.resize(symbols, size - 2), 0]], dtype=np.int64)}
        assert np.abs(session.run(text)[CONTEXT] - unpadded.run(text)[CONTEXT]).max() < MAX_DIFFERENCE


def test_each_symbol_has_an_embedding() -> None:
    assert max(VOCABULARY.values()) < SYMBOL_COUNT


def test_too_long_text_is_an_error(sessions: Mapping[int, Session]) -> None:
    with pytest.raises(ValueError, match="33 tokens; this session takes at most 32"):
        sessions[32].run({"tokens": np.zeros((1, 33), dtype=np.int64)})


@pytest.mark.parametrize("size", ALBERT_SIZES)
def test_core_ml_runs_each_graph_completely_in_float_and_float16(folder: Path, tmp_path: Path, size: int) -> None:
    file = folder / albert_file(size)
    write_in_float16(file, tmp_path / "half.onnx")
    for graph in (file, tmp_path / "half.onnx"):
        found = check_eligibility(graph)
        assert found.is_whole, found
        assert found.largest_dimension <= 16_384


@pytest.mark.parametrize("size", ALBERT_SIZES)
def test_float16_result_is_finite_and_close(folder: Path, unpadded: OnnxSession, tmp_path: Path, size: int) -> None:
    """A NaN or infinity in the padding would spoil the whole result."""
    write_in_float16(folder / albert_file(size), tmp_path / "half.onnx")
    session = FixedTokens(open_on_cpu(tmp_path / "half.onnx", tmp_path), size)
    for text in (token_feeds(PHRASES["short"]), token_feeds(PHRASES["middling"][:30])):
        expected, actual = unpadded.run(text)[CONTEXT], session.run(text)[CONTEXT]
        assert np.isfinite(actual).all()
        assert 10 * np.log10((expected**2).mean() / ((actual - expected) ** 2).mean()) > 40


@pytest.mark.parametrize("text", PHRASES.values(), ids=PHRASES)
def test_both_parts_give_exactly_the_result_of_the_whole(stages: ModelPipeline, text: str) -> None:
    reading = stages.open_split_prosody()
    feeds = {
        **token_feeds(text),
        "style": builtin_styles().row("bf_emma", len(text)),
        "speed": np.array([1.1], dtype=np.float32),
    }
    whole, both_parts = stages._prosody.run(feeds), reading.run(feeds)
    reading.close()
    assert whole.keys() == both_parts.keys()
    assert all(np.array_equal(whole[name], both_parts[name]) for name in whole)


def test_model_without_albert_is_a_mismatch(tmp_path: Path) -> None:
    write_small_graph(tmp_path / "prosody.onnx")
    with pytest.raises(GraphMismatch, match="of normalization at the embeddings"):
        write_split_prosody(str(tmp_path), str(tmp_path))
