"""Turns a segment into phonemes: text filters first, then the phonemizer of the language."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from wyoming_kokoro.api.phrase_cache import PhraseCache, TextKey
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.errors import StartupError, SynthesisFailed, UnsupportedLanguage
from wyoming_kokoro.model.vocabulary import SOUNDS, keep_known_symbols
from wyoming_kokoro.text.ipa.embedded import IPA_SPAN, extract_ipa
from wyoming_kokoro.text.scripts import ScriptSplitter

# Phonemizers read the words that they call foreign in this language.
FOREIGN_LANGUAGE = "en-US"

# Filters of lower orders get the whole text: markup, emoji and the lexicon. The others get runs of one script, each in
# its own language, because numbers next to Chinese characters are Chinese.
SCRIPT_SPLIT_ORDER = 30

# A segment has a few hundred bytes.
MAX_REMEMBERED_SEGMENTS = 512

# Every dictionary contains the first word, and none the second. The second also loads what reads unknown words.
# Languages in other scripts read both as English, but the number themselves. A request that comes in between needs to
# wait only for the dictionary.
WORDS_TO_LOAD = ("the", "Kokoro", "5")

# Phonemes are split after these, the best place first.
SPLIT_MARKS = (".!?…", ":;", ",—", " ")

# Replaces punctuation that the model was not trained on.
_PUNCTUATION = str.maketrans(
    {
        "–": "—", "―": "—", "«": "“", "»": "”", "„": "“", "‟": "“", "‘": "'", "’": "'", "¿": "", "¡": "",
        "。": ". ", "！": "! ", "？": "? ", "，": ", ", "、": ", ", "；": "; ", "：": ": ",
        "।": ".", "॥": ".", "۔": ".", "։": ".", "።": ".", "،": ", ", "፣": ", ", "؛": "; ", "؟": "?", "՞": "?",
        "（": " (", "）": ") ", "「": "“", "」": "”", "『": "“", "』": "”",
    }
)  # fmt: skip

log = logging.getLogger(__name__)


class TextPipeline:
    """Turns text into phonemes on a thread of its own, and remembers the phonemes."""

    def __init__(
        self,
        filters: Sequence[TextFilter],
        phonemizers: Mapping[str, Phonemizer],
        cache: PhraseCache,
        fingerprint: str,
        changing_versions: Sequence[Callable[[], str]] = (),
        *,
        ideographs: str = "zh-CN",
    ) -> None:
        """`phonemizers` by BCP-47 language.

        `fingerprint` and `changing_versions` change if any text may be pronounced differently. `ideographs` is the
        language of Chinese characters without kana in the same text: `zh-CN` or `ja`.
        """
        self._filters = tuple(sorted(map(fail_safe, filters), key=lambda item: item.order))
        self._filters_by_language: dict[str, list[TextFilter]] = {}
        self._phonemizers = dict(phonemizers)
        self._scripts = ScriptSplitter(frozenset(phonemizers), ideographs)
        self._cache = cache
        self._fingerprint = fingerprint
        self._changing_versions = tuple(changing_versions)
        self._recent: dict[TextKey, str] = {}
        self._problems: dict[str, str] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="text")

    @property
    def languages(self) -> frozenset[str]:
        """The languages with a phonemizer."""
        return frozenset(self._phonemizers)

    @property
    def problems(self) -> Mapping[str, str]:
        """Why phonemizers do not work, by language. A phonemizer that works again has no problem any more."""
        return dict(self._problems)

    async def phonemize(self, text: str, language: str) -> str:
        """Return phonemes of the model's vocabulary, or an empty string for text without sound.

        Raises `UnsupportedLanguage`, and `SynthesisFailed` if the phonemizer fails.
        """
        if language not in self._phonemizers:
            languages = ", ".join(sorted(self._phonemizers)) or "none"
            raise UnsupportedLanguage(f"no phonemizer for {language}; install one, or use one of: {languages}")
        key = self._key(text, language)
        phonemes = self._recent.pop(key, None)
        if phonemes is None:
            phonemes = await self._cache.phonemes(key)
        if phonemes is None:
            phonemes = await self.read(text, language)
            # A filter may have changed since the key was made. The phonemes may then belong to another key.
            if key != self._key(text, language):
                return phonemes
            self._cache.put_phonemes(key, phonemes)
        self._recent[key] = phonemes
        if len(self._recent) > MAX_REMEMBERED_SEGMENTS:
            del self._recent[next(iter(self._recent))]
        return phonemes

    async def phonemize_words(self, words: Sequence[str], language: str) -> list[str]:
        """Return the phonemes of each word alone; empty for a word that cannot be read."""

        def phonemize_all() -> list[str]:
            spoken = []
            for word in words:
                try:
                    spoken.append(self._phonemize(word, language))
                except SynthesisFailed:
                    spoken.append("")
            return spoken

        return await asyncio.get_running_loop().run_in_executor(self._worker, phonemize_all)

    async def load(self, language: str) -> bool:
        """Load the phonemizer of `language` and its dictionaries. Return whether it works, else note its problem."""
        try:
            silent_words = [word for word in WORDS_TO_LOAD if not await self.read(word, language)]
        except SynthesisFailed as error:
            self._note_problem(language, error.__cause__)
            return False
        if silent_words:
            self._note_problem(language, f"it finds no sounds in {silent_words[0]!r}; install its data again")
        return not silent_words

    async def cached_phonemes(self, text: str, language: str) -> str | None:
        """Return the phonemes of `text` from the phrase cache, or None."""
        return await self._cache.phonemes(self._key(text, language))

    async def close(self) -> None:
        """Finish the running text, cancel the waiting ones and end the thread."""
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)

    def _key(self, text: str, language: str) -> TextKey:
        versions = filter(None, (version() for version in self._changing_versions))
        return TextKey(" ".join([self._fingerprint, *versions]), language, text)

    async def read(self, text: str, language: str) -> str:
        """Return the phonemes of `text`, past all caches. Raises `SynthesisFailed` if the phonemizer fails."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._phonemize, text, language)

    def _phonemize(self, text: str, language: str) -> str:
        try:
            phonemes = keep_known_symbols(self._filter_and_read(text, language))
        except Exception as error:
            raise SynthesisFailed(f"the phonemizer for {language} failed: {error}") from error
        return "" if SOUNDS.isdisjoint(phonemes) else phonemes

    def _filter_and_read(self, text: str, language: str) -> str:
        """Return the phonemes of text without embedded IPA of another language than `language`."""
        filters = self._filters_for(language)
        early = [item for item in filters if item.order < SCRIPT_SPLIT_ORDER]
        runs = self._scripts.split(_apply_filters(early, text), language)
        return " ".join(
            self._read_run(run.text, language, filters[len(early) :])
            if run.language == language
            else self._read_run(run.text, run.language, self._filters_for(run.language))
            for run in runs
        )

    def _filters_for(self, language: str) -> list[TextFilter]:
        if language not in self._filters_by_language:
            self._filters_by_language[language] = [item for item in self._filters if item.is_for(language)]
        return self._filters_by_language[language]

    def _read_run(self, text: str, language: str, filters: Sequence[TextFilter]) -> str:
        text = " ".join(_apply_filters(filters, text).translate(_PUNCTUATION).split())
        # The group of `IPA_SPAN` makes every second part embedded IPA.
        parts = IPA_SPAN.split(text)
        return "".join(extract_ipa(part) if at % 2 else self._read(part, language) for at, part in enumerate(parts))

    def _read(self, text: str, language: str) -> str:
        """Return the phonemes of text without embedded IPA. Spaces at both ends stay."""
        foreign: re.Pattern[str] | None = getattr(self._phonemizers[language], "foreign", None)
        phonemes, end = "", 0
        if foreign and FOREIGN_LANGUAGE in self._phonemizers:
            for match in foreign.finditer(text):
                word = self._filter_and_read(match[0], FOREIGN_LANGUAGE)
                phonemes += f"{self._read_words(text[end : match.start()], language)} {word} "
                end = match.end()
        return phonemes + self._read_words(text[end:], language)

    def _read_words(self, text: str, language: str) -> str:
        if not any(character.isalnum() for character in text):
            return text
        try:
            phonemes = self._phonemizers[language].phonemize(text.strip())
        except StartupError as error:
            self._note_problem(language, error)
            raise
        if phonemes:
            self._problems.pop(language, None)
        return f"{text[:1].isspace() * ' '}{phonemes}{text[-1:].isspace() * ' '}"

    def _note_problem(self, language: str, reason: object) -> None:
        if language not in self._problems:
            log.error("Phonemizer for %s failed; only cached phrases are spoken (%s)", language, reason)
        self._problems[language] = str(reason)


def _apply_filters(filters: Iterable[TextFilter], text: str) -> str:
    for item in filters:
        text = item.apply(text)
    return text


def fail_safe(item: TextFilter) -> TextFilter:
    """Return a filter that returns the text itself if `item` fails. Each kind of error is logged once."""
    logged: set[type[Exception]] = set()

    def apply(text: str) -> str:
        try:
            return item.apply(text)
        except Exception as error:  # noqa: BLE001 unfiltered speech is better than none
            level = logging.DEBUG if type(error) in logged else logging.WARNING
            logged.add(type(error))
            # The error's message may contain the text.
            log.log(level, "Filter %s failed (%s); skipped it", item.name, type(error).__name__)
            return text

    return replace(item, apply=apply)


def split_phonemes(phonemes: str, limit: int) -> list[str]:
    """Return `phonemes` as chunks of at most `limit` symbols, without spaces at their ends.

    Each chunk ends after the last mark of the best kind in `SPLIT_MARKS`, or anywhere if it has none.
    """
    chunks = []
    rest = phonemes.strip()
    while len(rest) > limit:
        end = _find_end_of_chunk(rest, limit)
        chunks.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*chunks, rest] if rest else chunks


def _find_end_of_chunk(phonemes: str, limit: int) -> int:
    for marks in SPLIT_MARKS:
        last = max(phonemes.rfind(mark, 0, limit) for mark in marks)
        if last > 0:
            return last + 1
    return limit
