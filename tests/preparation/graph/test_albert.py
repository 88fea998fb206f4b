"""ALBERT at fixed numbers of tokens: what fills a text up changes nothing, and Core ML takes every graph whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.helpers.fake_mac import write_small_graph
from tools.coreml.eligibility import check_eligibility
from wyoming_kokoro.api.providers import Session, SessionOptions
from wyoming_kokoro.errors import GraphMismatch
from wyoming_kokoro.inference.albert import FixedTokens
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.manifest import CONTEXT, TOKENS
from wyoming_kokoro.model.vocabulary import SYMBOLS, VOCABULARY, tokens
from wyoming_kokoro.onnx import OnnxSession, open_onnx, write_in_float16
from wyoming_kokoro.preparation.graph.albert import marks
from wyoming_kokoro.preparation.graph.dequantize import dequantized
from wyoming_kokoro.preparation.graph.view import cut, renamed
from wyoming_kokoro.preparation.split_albert import write_split
from wyoming_kokoro.preparation.store import PREDICTOR, albert_of, split_albert
from wyoming_kokoro.types import Array

pytestmark = pytest.mark.model

PHRASES = {
    "short": "dˈʌn.",
    "middling": "tˈɜːnd ˈɔn ðə kˈɪtʃən lˈaɪts.",
    "long": "ðə lˈaɪts ɪn ðə kˈɪtʃən ɑːɹ ˈɔn, ænd ðə fɹˈʌnt dˈoːɹ ɪz lˈɑːkt.",
    "longer": "tˈɜːnd ˈɔn ðə lˈɪvɪŋ ɹˈuːm lˈaɪts ænd sˈɛt ðə θˈɜːmoʊstæt tə twˈɛnti wˈʌn dᵻɡɹˈiːz.",
}
EXACT = 1e-4
"""Of a context that goes up to 12; what is measured is 1.4e-5."""


def opened(file: Path, folder: Path) -> OnnxSession:
    return open_onnx(file, ["CPUExecutionProvider"], SessionOptions(2, folder))


def fed(phonemes: str) -> dict[str, Array]:
    return {"tokens": np.array([[0, *tokens(phonemes), 0]], dtype=np.int64)}


def fitting() -> list[tuple[str, int]]:
    """Return every phrase with every number of tokens that it fits into."""
    return [(name, size) for name, text in PHRASES.items() for size in TOKENS if len(text) + 2 <= size]


@pytest.fixture(scope="module")
def folder(stages_folder: Path) -> Path:
    return split_albert(stages_folder)


@pytest.fixture(scope="module")
def unpadded(stages_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> OnnxSession:
    """ALBERT in float for texts of any length, with nothing changed in it."""
    where = tmp_path_factory.mktemp("float")
    prosody = dequantized(onnx.load(stages_folder / "prosody.onnx"))
    found = marks(prosody.graph)
    onnx.save(renamed(cut(prosody, {"tokens": [1, "T"]}, [found.context]), {found.context: CONTEXT}), where / "a.onnx")
    return opened(where / "a.onnx", where)


@pytest.fixture(scope="module")
def sessions(folder: Path) -> Mapping[int, Session]:
    return {size: FixedTokens(opened(folder / albert_of(size), folder / "compiled"), size) for size in TOKENS}


@pytest.fixture(scope="module")
def predictor(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> OnnxSession:
    """What follows, in float: its int8 form would make some Hz of the last bit of a context."""
    where = tmp_path_factory.mktemp("predictor")
    onnx.save(dequantized(onnx.load(folder / PREDICTOR)), where / PREDICTOR)
    return opened(where / PREDICTOR, where)


@pytest.mark.parametrize(("name", "size"), fitting())
def test_what_fills_up_changes_nothing(
    unpadded: OnnxSession, sessions: Mapping[int, Session], predictor: OnnxSession, name: str, size: int
) -> None:
    """Neither the context, nor when each token is spoken and how high."""
    text = fed(PHRASES[name])
    expected, made = unpadded.run(text)[CONTEXT], sessions[size].run(text)[CONTEXT]
    assert made.shape == expected.shape
    assert np.abs(expected).max() > 5
    assert np.abs(made - expected).max() < EXACT
    style = builtin_styles().row("af_heart", len(PHRASES[name]))
    rest = {**text, "style": style, "speed": np.ones(1, dtype=np.float32)}
    right, mine = (predictor.run({**rest, CONTEXT: context}) for context in (expected, made))
    assert np.array_equal(mine["durations"], right["durations"])
    assert np.abs(mine["pitch"] - right["pitch"]).max() < 0.1, "Hz"


def test_the_longest_text_fills_its_graph(unpadded: OnnxSession, sessions: Mapping[int, Session]) -> None:
    symbols = sorted(VOCABULARY.values())
    for size, session in sessions.items():
        text = {"tokens": np.array([[0, *np.resize(symbols, size - 2), 0]], dtype=np.int64)}
        assert np.abs(session.run(text)[CONTEXT] - unpadded.run(text)[CONTEXT]).max() < EXACT


def test_every_symbol_has_an_embedding() -> None:
    assert max(VOCABULARY.values()) < SYMBOLS


def test_a_text_that_is_too_long_is_refused(sessions: Mapping[int, Session]) -> None:
    with pytest.raises(ValueError, match="33 tokens; this session takes at most 32"):
        sessions[32].run({"tokens": np.zeros((1, 33), dtype=np.int64)})


@pytest.mark.parametrize("size", TOKENS)
def test_core_ml_takes_every_graph_whole(folder: Path, tmp_path: Path, size: int) -> None:
    """In float, and in float16 as the Neural Engine wants it."""
    file = folder / albert_of(size)
    write_in_float16(file, tmp_path / "half.onnx")
    for graph in (file, tmp_path / "half.onnx"):
        found = check_eligibility(graph)
        assert found.is_whole, found
        assert found.largest_dimension <= 16_384


@pytest.mark.parametrize("size", TOKENS)
def test_float16_holds_every_number(folder: Path, unpadded: OnnxSession, tmp_path: Path, size: int) -> None:
    """Also those of the tokens that fill up, which would spoil the others if they were not numbers."""
    write_in_float16(folder / albert_of(size), tmp_path / "half.onnx")
    session = FixedTokens(opened(tmp_path / "half.onnx", tmp_path), size)
    for text in (fed(PHRASES["short"]), fed(PHRASES["middling"][:30])):
        expected, made = unpadded.run(text)[CONTEXT], session.run(text)[CONTEXT]
        assert np.isfinite(made).all()
        assert 10 * np.log10((expected**2).mean() / ((made - expected) ** 2).mean()) > 40


@pytest.mark.parametrize("text", PHRASES.values(), ids=PHRASES)
def test_on_the_processor_both_parts_give_the_bits_of_the_whole(stages: ModelPipeline, text: str) -> None:
    reading = stages.open_split_prosody()
    feeds = {
        **fed(text),
        "style": builtin_styles().row("bf_emma", len(text)),
        "speed": np.array([1.1], dtype=np.float32),
    }
    whole, parts = stages._prosody.run(feeds), reading.run(feeds)
    reading.close()
    assert whole.keys() == parts.keys()
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)


def test_a_model_without_albert_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraphMismatch, match="of normalisation at the embeddings"):
        write_split(onnx.load(write_small_graph(tmp_path / "small.onnx")), tmp_path)
