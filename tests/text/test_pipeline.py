"""From a segment to phonemes, and from phonemes to pieces that fit the model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.text import TextFilter
from wyoming_kokoro.errors import SynthesisFailed, UnsupportedLanguage
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.text.pipeline import TextPipeline, split_phonemes


class Letters:
    """Says the letters, and remembers what it was asked and on which thread."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[str] = set()

    def phonemize(self, text: str) -> str:
        self.asked.append(text)
        self.threads.add(threading.current_thread().name)
        if text == "break":
            raise ValueError("broken")
        return text.lower()


def adding(name: str, order: int, languages: frozenset[str] = frozenset()) -> TextFilter:
    def apply(text: str) -> str:
        return f"{text} {name}"

    return TextFilter(name, order, apply, languages)


Open = Callable[..., TextPipeline]


@pytest.fixture
async def letters() -> Letters:
    return Letters()


@pytest.fixture
async def pipeline(letters: Letters) -> AsyncIterator[Open]:
    opened: list[TextPipeline] = []

    def open_pipeline(*filters: TextFilter) -> TextPipeline:
        opened.append(TextPipeline(filters, {"en-US": letters, "es": letters}, NullPhraseCache(), ""))
        return opened[-1]

    yield open_pipeline
    for item in opened:
        await item.close()


async def test_what_reads_is_loaded_before_the_first_text(pipeline: Open, letters: Letters) -> None:
    """On the thread of the texts; a phonemizer that fails says so."""
    await pipeline().load("es")
    assert letters.asked
    assert all(name.startswith("text") for name in letters.threads)

    def broken(text: str) -> str:
        raise ValueError(text)

    letters.phonemize = broken  # type: ignore[method-assign]
    with pytest.raises(SynthesisFailed, match="phonemizer for es failed"):
        await pipeline().load("es")


async def test_filters_run_in_order_and_by_language(pipeline: Open) -> None:
    """Filters run lowest order first, and only those of the primary language."""
    text = pipeline(adding("two", 2), adding("one", 1), adding("uno", 3, frozenset({"es"})))
    assert await text.phonemize("say", "en-US") == "say one two"
    assert await text.phonemize("say", "es") == "say one two uno"


async def test_only_the_vocabulary_comes_out(pipeline: Open) -> None:
    """Symbols the model does not know are dropped and whitespace is one space."""
    assert await pipeline().phonemize(" one \n two^ # three ", "en-US") == "one two three"


async def test_foreign_punctuation_becomes_known(pipeline: Open) -> None:
    """Punctuation of other scripts is said by the mark nearest to it."""
    assert await pipeline().phonemize("«one» – two。three", "en-US") == "“one” — two. three"


@pytest.mark.parametrize("text", ["", "  ", "🎉", "?!…", "ˈː", "***"])
async def test_unspeakable_text_has_no_phonemes(pipeline: Open, text: str) -> None:
    """Text without anything to hear gives nothing at all."""
    assert await pipeline().phonemize(text, "en-US") == ""


async def test_phonemes_are_remembered(pipeline: Open, letters: Letters) -> None:
    """The same text of the same language is phonemized once."""
    text = pipeline()
    await text.phonemize("again", "en-US")
    await text.phonemize("again", "en-US")
    await text.phonemize("again", "es")
    assert letters.asked == ["again", "again"]


async def test_one_thread_phonemizes(pipeline: Open, letters: Letters) -> None:
    """Requests at the same time share one worker thread, which is not the loop's."""
    text = pipeline()
    await asyncio.gather(*(text.phonemize(word, "en-US") for word in ("one", "two", "three")))
    assert len(letters.threads) == 1
    assert threading.current_thread().name not in letters.threads


async def test_unknown_language_is_refused(pipeline: Open) -> None:
    """A language without a phonemizer is an error that names the others."""
    text = pipeline()
    assert text.languages == {"en-US", "es"}
    with pytest.raises(UnsupportedLanguage, match="ja; there are some for en-US, es"):
        await text.phonemize("hai", "ja")


async def test_failing_filter_is_left_out(pipeline: Open, caplog: pytest.LogCaptureFixture) -> None:
    """A filter that fails costs its own effect only, and the log does not show the text."""

    def fail(text: str) -> str:
        raise ValueError(text)

    text = pipeline(adding("one", 1), TextFilter("bad", 2, fail), adding("three", 3))
    assert await text.phonemize("secret", "en-US") == "secret one three"
    assert "bad failed (ValueError)" in caplog.text
    assert "secret" not in caplog.text


async def test_failing_phonemizer_fails_the_request(pipeline: Open) -> None:
    """A phonemizer's own error becomes one of ours."""
    with pytest.raises(SynthesisFailed, match="broken"):
        await pipeline().phonemize("break", "en-US")


PHONEMES = st.text(alphabet="ab ˈ.!?…:;,—", max_size=200)


@given(PHONEMES, st.integers(1, 40))
def test_pieces_fit_and_nothing_is_lost(phonemes: str, limit: int) -> None:
    """Every piece fits the limit, none is empty, and only spaces between pieces are lost."""
    pieces = split_phonemes(phonemes, limit)
    assert all(0 < len(piece) <= limit and piece == piece.strip() for piece in pieces)
    assert "".join(pieces).replace(" ", "") == phonemes.replace(" ", "")


@pytest.mark.parametrize(
    ("phonemes", "pieces"),
    [
        ("aa. bb, cc dd", ["aa.", "bb, cc dd"]),
        ("aa; bb, cc dd", ["aa;", "bb, cc dd"]),
        ("aa, bb cc ddd", ["aa,", "bb cc ddd"]),
        ("aa bb cc ddd", ["aa bb cc", "ddd"]),
        ("aaaaaaaaaaaaaaa", ["aaaaaaaaaa", "aaaaa"]),
        ("aa. bb! cc dd", ["aa. bb!", "cc dd"]),
        ("aa bb", ["aa bb"]),
        (" ", []),
    ],
)
def test_waterfall(phonemes: str, pieces: list[str]) -> None:
    """The cut is behind the last sentence mark that fits, else a colon, else a comma, else a space."""
    assert split_phonemes(phonemes, 10) == pieces
