"""From a segment to phonemes, and from phonemes to chunks that fit the model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.phrase_cache import PhraseCache
from wyoming_kokoro.api.text import TextFilter
from wyoming_kokoro.errors import StartupError, SynthesisFailed, UnsupportedLanguage
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.testing import FakePhraseCache
from wyoming_kokoro.text.pipeline import TextPipeline, split_phonemes


class RecordingPhonemizer:
    """Returns the text in lower case, and records the texts and threads."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.threads: set[str] = set()

    def phonemize(self, text: str) -> str:
        self.texts.append(text)
        self.threads.add(threading.current_thread().name)
        if text == "break":
            raise ValueError("broken")
        return text.lower()


def make_filter(name: str, order: int, languages: frozenset[str] = frozenset()) -> TextFilter:
    def apply(text: str) -> str:
        return f"{text} {name}"

    return TextFilter(name, order, apply, languages)


OpenPipeline = Callable[..., TextPipeline]


@pytest.fixture
async def phonemizer() -> RecordingPhonemizer:
    return RecordingPhonemizer()


@pytest.fixture
async def open_pipeline(phonemizer: RecordingPhonemizer) -> AsyncIterator[OpenPipeline]:
    opened: list[TextPipeline] = []

    def open_one(*filters: TextFilter, cache: PhraseCache | None = None) -> TextPipeline:
        phonemizers = {"en-US": phonemizer, "es": phonemizer}
        versions = [item.version for item in filters if callable(item.version)]
        opened.append(TextPipeline(filters, phonemizers, cache or NullPhraseCache(), "", versions))
        return opened[-1]

    yield open_one
    for item in opened:
        await item.close()


async def test_load_runs_the_phonemizer_on_the_worker_thread(
    open_pipeline: OpenPipeline, phonemizer: RecordingPhonemizer
) -> None:
    await open_pipeline().load("es")
    assert phonemizer.texts
    assert all(name.startswith("text") for name in phonemizer.threads)


@pytest.mark.parametrize("kind", [ValueError, StartupError])
async def test_phonemizer_that_cannot_be_loaded_is_a_problem_until_it_works(
    open_pipeline: OpenPipeline,
    phonemizer: RecordingPhonemizer,
    caplog: pytest.LogCaptureFixture,
    kind: type[Exception],
) -> None:
    def fail(_: str) -> str:
        raise kind("no dictionary")

    pipeline, works = open_pipeline(), phonemizer.phonemize
    phonemizer.phonemize = fail  # type: ignore[assignment,method-assign]
    for _ in range(2):
        assert not await pipeline.load("es")
        assert pipeline.problems == {"es": "no dictionary"}
    (record,) = caplog.records
    assert record.getMessage() == "Phonemizer for es failed; only cached phrases are spoken (no dictionary)"
    phonemizer.phonemize = works  # type: ignore[method-assign]
    assert await pipeline.phonemize("one", "es") == "one"
    assert pipeline.problems == {}


async def test_phonemizer_that_fails_after_the_start_is_a_problem_only_if_it_cannot_be_opened(
    open_pipeline: OpenPipeline, phonemizer: RecordingPhonemizer
) -> None:
    pipeline = open_pipeline()
    for kind, problems in ((ValueError, set()), (StartupError, {"es"})):

        def fail(_: str, kind: type[Exception] = kind) -> str:
            raise kind

        phonemizer.phonemize = fail  # type: ignore[assignment,method-assign]
        with pytest.raises(SynthesisFailed):
            await pipeline.phonemize("one", "es")
        assert pipeline.problems.keys() == problems


async def test_phonemizer_without_sounds_is_a_problem(
    open_pipeline: OpenPipeline, phonemizer: RecordingPhonemizer
) -> None:
    """espeak returns nothing if the dictionary of the language is missing."""
    pipeline = open_pipeline()
    phonemizer.phonemize = lambda _: ""  # type: ignore[assignment,method-assign]
    assert not await pipeline.load("es")
    assert "finds no sounds in 'the'" in pipeline.problems["es"]


async def test_filters_run_in_order_and_by_language(open_pipeline: OpenPipeline) -> None:
    pipeline = open_pipeline(make_filter("two", 2), make_filter("one", 1), make_filter("uno", 3, frozenset({"es"})))
    assert await pipeline.phonemize("say", "en-US") == "say one two"
    assert await pipeline.phonemize("say", "es") == "say one two uno"


async def test_phonemes_have_only_symbols_of_the_vocabulary(open_pipeline: OpenPipeline) -> None:
    assert await open_pipeline().phonemize(" one \n two^ # three ", "en-US") == "one two three"


async def test_unknown_punctuation_becomes_known_punctuation(open_pipeline: OpenPipeline) -> None:
    assert await open_pipeline().phonemize("«one» – two。three", "en-US") == "“one” — two. three"


@pytest.mark.parametrize("text", ["", "  ", "🎉", "?!…", "ˈː", "***"])
async def test_text_without_sound_has_no_phonemes(open_pipeline: OpenPipeline, text: str) -> None:
    assert await open_pipeline().phonemize(text, "en-US") == ""


async def test_repeated_text_is_phonemized_once_per_language(
    open_pipeline: OpenPipeline, phonemizer: RecordingPhonemizer
) -> None:
    pipeline = open_pipeline()
    await pipeline.phonemize("again", "en-US")
    await pipeline.phonemize("again", "en-US")
    await pipeline.phonemize("again", "es")
    assert phonemizer.texts == ["again", "again"]


class ChangingFilter:
    """Appends the current word, which is also its version."""

    def __init__(self) -> None:
        self.word = "one"
        self.is_running, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()

    def apply(self, text: str) -> str:
        result = f"{text} {self.word}"
        self.is_running.set()
        assert self.may_end.wait(60)
        return result

    def filter(self) -> TextFilter:
        return TextFilter("changing", 1, self.apply, version=lambda: self.word)


async def test_changed_filter_is_used_for_the_next_text(
    open_pipeline: OpenPipeline, phonemizer: RecordingPhonemizer
) -> None:
    """The phonemes of the first version are used again when it returns."""
    changing = ChangingFilter()
    pipeline = open_pipeline(changing.filter(), cache=FakePhraseCache())
    for word, expected in (("one", "say one"), ("two", "say two"), ("one", "say one")):
        changing.word = word
        assert await pipeline.phonemize("say", "en-US") == expected
        assert await pipeline.cached_phonemes("say", "en-US") == expected
    assert phonemizer.texts == ["say one", "say two"]


async def test_phonemes_of_a_filter_that_changed_meanwhile_are_not_cached(open_pipeline: OpenPipeline) -> None:
    changing = ChangingFilter()
    changing.may_end.clear()
    pipeline = open_pipeline(changing.filter(), cache=FakePhraseCache())
    task = asyncio.create_task(pipeline.phonemize("say", "en-US"))
    await asyncio.to_thread(changing.is_running.wait, 60)
    changing.word = "two"
    changing.may_end.set()
    assert await task == "say one"
    for word in ("one", "two"):
        changing.word = word
        assert await pipeline.cached_phonemes("say", "en-US") is None
    assert await pipeline.phonemize("say", "en-US") == "say two"


async def test_concurrent_texts_share_one_worker_thread(
    open_pipeline: OpenPipeline, phonemizer: RecordingPhonemizer
) -> None:
    pipeline = open_pipeline()
    await asyncio.gather(*(pipeline.phonemize(word, "en-US") for word in ("one", "two", "three")))
    assert len(phonemizer.threads) == 1
    assert threading.current_thread().name not in phonemizer.threads


async def test_language_without_phonemizer_raises_error_with_the_others(open_pipeline: OpenPipeline) -> None:
    pipeline = open_pipeline()
    assert pipeline.languages == {"en-US", "es"}
    with pytest.raises(UnsupportedLanguage, match=r"no phonemizer for ja; .* use one of: en-US, es"):
        await pipeline.phonemize("hai", "ja")


async def test_failing_filter_is_skipped_without_logging_the_text(
    open_pipeline: OpenPipeline, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str) -> str:
        raise ValueError(text)

    pipeline = open_pipeline(make_filter("one", 1), TextFilter("bad", 2, fail), make_filter("three", 3))
    assert await pipeline.phonemize("secret", "en-US") == "secret one three"
    assert "bad failed (ValueError)" in caplog.text
    assert "secret" not in caplog.text


async def test_failing_phonemizer_raises_synthesis_failed(open_pipeline: OpenPipeline) -> None:
    with pytest.raises(SynthesisFailed, match="broken"):
        await open_pipeline().phonemize("break", "en-US")


PHONEMES = st.text(alphabet="ab ˈ.!?…:;,—", max_size=200)


@given(PHONEMES, st.integers(1, 40))
def test_chunks_of_phonemes_fit_and_keep_every_symbol(phonemes: str, limit: int) -> None:
    chunks = split_phonemes(phonemes, limit)
    assert all(0 < len(chunk) <= limit and chunk == chunk.strip() for chunk in chunks)
    assert "".join(chunks).replace(" ", "") == phonemes.replace(" ", "")


@pytest.mark.parametrize(
    ("phonemes", "chunks"),
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
def test_phonemes_are_split_after_the_best_mark(phonemes: str, chunks: list[str]) -> None:
    assert split_phonemes(phonemes, 10) == chunks
