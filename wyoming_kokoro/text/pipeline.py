"""Segments become phonemes: text filters, then the phonemizer of the language."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from wyoming_kokoro.api.phrase_cache import PhraseCache, TextKey
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.errors import SynthesisFailed, UnsupportedLanguage
from wyoming_kokoro.model.vocabulary import SOUNDS, keep_known_symbols
from wyoming_kokoro.text.embedded_ipa import IPA_SPAN, extract_ipa

PRONUNCIATION_REVISION = 1
"""Raise it when the core or a built-in plugin reads a text differently: old cached phonemes are then not used."""

ENGLISH = "en-US"
"""How words are said that a phonemizer calls foreign."""

MAX_REMEMBERED_SEGMENTS = 512
"""Segments whose phonemes are kept; a segment has some hundred bytes."""

UNCOMMON_WORD = "Kokoro"
"""A word that no dictionary has, so that all of them are opened, and what reads such words as well."""

SPLIT_MARKS = (".!?…", ":;", ",—", " ")
"""What phonemes are split behind, the best place first."""

_PUNCTUATION = str.maketrans(
    {
        "–": "—", "―": "—", "«": "“", "»": "”", "„": "“", "‟": "“", "‘": "'", "’": "'", "¿": "", "¡": "",
        "。": ". ", "！": "! ", "？": "? ", "，": ", ", "、": ", ", "；": "; ", "：": ": ",
        "।": ".", "॥": ".",
        "（": " (", "）": ") ", "「": "“", "」": "”", "『": "“", "』": "”",
    }
)  # fmt: skip
"""Punctuation that the model was not trained on, and the marks nearest to it."""

log = logging.getLogger(__name__)


class TextPipeline:
    """Makes text speakable and turns it into phonemes, on a thread of its own."""

    def __init__(
        self,
        filters: Sequence[TextFilter],
        phonemizers: Mapping[str, Phonemizer],
        cache: PhraseCache,
        fingerprint: str,
    ) -> None:
        """`phonemizers` by BCP-47 language; `fingerprint` changes whenever a text may be pronounced otherwise."""
        self._filters = tuple(sorted(filters, key=lambda item: item.order))
        self._phonemizers = dict(phonemizers)
        self._cache = cache
        self._fingerprint = fingerprint
        self._newest: dict[TextKey, str] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="text")

    @property
    def languages(self) -> frozenset[str]:
        """The languages that can be spoken."""
        return frozenset(self._phonemizers)

    async def phonemize(self, text: str, language: str) -> str:
        """Return the phonemes of `text`, all in the model's vocabulary; nothing for text without sound.

        Raises `UnsupportedLanguage`, and `SynthesisFailed` when the phonemizer fails.
        """
        if language not in self._phonemizers:
            spoken = ", ".join(sorted(self._phonemizers)) or "none"
            raise UnsupportedLanguage(f"no phonemizer is installed for {language}; there are some for {spoken}")
        key = TextKey(self._fingerprint, language, text)
        known = self._newest.pop(key, None)
        if known is None:
            known = await self.cached_phonemes(text, language)
        if known is None:
            loop = asyncio.get_running_loop()
            known = await loop.run_in_executor(self._worker, self._phonemize, text, language)
            self._cache.put_phonemes(key, known)
        self._newest[key] = known
        if len(self._newest) > MAX_REMEMBERED_SEGMENTS:
            del self._newest[next(iter(self._newest))]
        return known

    async def load(self, language: str) -> None:
        """Have what reads `language` loaded, so that the first text does not wait for it.

        Raises `SynthesisFailed` when the phonemizer fails.
        """
        await asyncio.get_running_loop().run_in_executor(self._worker, self._phonemize, UNCOMMON_WORD, language)

    async def cached_phonemes(self, text: str, language: str) -> str | None:
        """Return the phonemes of `text` if the phrase cache has them."""
        return await self._cache.phonemes(TextKey(self._fingerprint, language, text))

    async def close(self) -> None:
        """Finish what has begun, drop what waits, and end the thread."""
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)

    def _phonemize(self, text: str, language: str) -> str:
        try:
            phonemes = keep_known_symbols(self._said(text, language))
        except Exception as error:
            raise SynthesisFailed(f"the phonemizer for {language} failed: {error}") from error
        return "" if SOUNDS.isdisjoint(phonemes) else phonemes

    def _said(self, text: str, language: str) -> str:
        pieces = IPA_SPAN.split(self._speakable(text, language))
        return "".join(extract_ipa(piece) if at % 2 else self._read(piece, language) for at, piece in enumerate(pieces))

    def _read(self, text: str, language: str) -> str:
        """Return the phonemes of text without sounds in it; its spaces at both ends stay."""
        phonemizer = self._phonemizers[language]
        foreign: re.Pattern[str] | None = getattr(phonemizer, "foreign", None)
        match = foreign.search(text) if foreign and ENGLISH in self._phonemizers else None
        if match:
            before, after = text[: match.start()], text[match.end() :]
            english = self._said(match[0], ENGLISH)
            return f"{self._read(before, language)} {english} {self._read(after, language)}"
        if not any(character.isalnum() for character in text):
            return text
        return f"{text[:1].isspace() * ' '}{phonemizer.phonemize(text.strip())}{text[-1:].isspace() * ' '}"

    def _speakable(self, text: str, language: str) -> str:
        for item in self._filters:
            if item.is_for(language):
                text = apply_filter(item, text)
        return " ".join(text.translate(_PUNCTUATION).split())


def apply_filter(item: TextFilter, text: str) -> str:
    """Return what `item` makes of `text`, or `text` itself when it fails, which is logged without the text."""
    try:
        return item.apply(text)
    except Exception as error:  # noqa: BLE001 text that reads a little worse is better than silence
        log.warning("Filter %s failed (%s); going on without it", item.name, type(error).__name__)
        return text


def split_phonemes(phonemes: str, limit: int = 510) -> list[str]:
    """Cut `phonemes` into pieces of at most `limit` symbols; nothing is lost but spaces at their ends.

    Each cut is behind the last mark that fits of the best kind in `WATERFALL`, or anywhere if there is none.
    """
    pieces = []
    rest = phonemes.strip()
    while len(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(phonemes: str, limit: int) -> int:
    for marks in SPLIT_MARKS:
        last = max(phonemes.rfind(mark, 0, limit) for mark in marks)
        if last > 0:
            return last + 1
    return limit
