"""The words of the configuration and the taught words, which change while the server runs."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from wyoming_kokoro import LexiconEntry, LexiconError
from wyoming_kokoro_lexicon.entries import LexiconEntries, normalize, parse_pronunciation
from wyoming_kokoro_lexicon.words_file import Stamp, Words, WordsFile

MAX_WORDS = 500
MAX_WORD_CHARACTERS = 60
MAX_SOUND_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Language:
    """The words of one language at one moment."""

    entries: LexiconEntries
    """The taught words and those of the configuration."""
    taught: Mapping[str, str]
    version: str = ""
    """Changes with the taught words; empty without any."""


class TeachableLexicon:
    """Implements `Lexicon`. The words of the configuration win over taught words."""

    def __init__(
        self, configured: Mapping[str, Mapping[str, str]], source: str, file: WordsFile, log: logging.Logger
    ) -> None:
        """`configured` has a table for each language. `source` is the configuration file. Reads `file`."""
        self._configured = {language: (words, LexiconEntries(words)) for language, words in configured.items()}
        self._languages = {language: _Language(entries, {}) for language, (_, entries) in self._configured.items()}
        self._source = source
        self._file = file
        self._log = log
        # Reading the file and using its content must be one step: an older content must not replace a newer one.
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._damaged_stamp: Stamp | None = None
        self._problem = ""
        self.refresh()
        # Replaces a file that is damaged.
        self.refresh()

    @property
    def languages(self) -> Sequence[str]:
        """The languages that can have words."""
        return tuple(self._languages)

    def entries(self) -> Sequence[LexiconEntry]:
        """Return the words of the configuration and the taught words."""
        return [
            LexiconEntry(word, sound, language, origin)
            for language, (configured, _) in self._configured.items()
            for words, origin in ((configured, self._source), (self._languages[language].taught, ""))
            for word, sound in sorted(words.items())
        ]

    def apply(self, language: str, text: str) -> str:
        """Return `text` with the words of `language` replaced."""
        return self._languages[language].entries.apply(text)

    def version(self, language: str) -> str:
        """Return a text that changes with the taught words of `language`. Does not block."""
        return self._languages[language].version

    def teach(self, entry: LexiconEntry) -> LexiconEntry:
        """Store a word, or replace its pronunciation."""
        entry = self._check(entry)

        def add(words: Words) -> None:
            table = words.setdefault(entry.language, {})
            if not _remove(table, entry.word) and sum(map(len, words.values())) >= MAX_WORDS:
                raise LexiconError(f"{MAX_WORDS} words are taught already; remove one, or use [plugins.lexicon]")
            table[entry.word] = entry.sound

        self._change(add)
        return entry

    def forget(self, word: str, language: str) -> None:
        """Remove a taught word."""

        def remove(words: Words) -> None:
            if not _remove(words.get(language, {}), normalize(word)):
                raise LexiconError(f"{word!r} is not a taught word of {language}; see `wyoming-kokoro words`")

        self._change(remove)

    def preview(self, text: str, entry: LexiconEntry) -> str:
        """Return a text that sounds as `text` would after `teach(entry)`."""
        entry = self._check(entry)
        alone = {entry.word: entry.sound}
        if LexiconEntries(alone).apply_once(text) == text:
            raise LexiconError(f"the text does not contain {entry.word!r}; write the word into it")
        taught = {**self._languages[entry.language].taught, **alone}
        return self._combine(entry.language, taught).entries.apply_once(text)

    def refresh(self) -> None:
        """Read the taught words again if another process changed them. Logs instead of failing. Blocks.

        A damaged file is replaced if the next call finds it unchanged: an editor may be writing it.
        """
        with self._lock:
            try:
                stamp = self._file.stamp()
                if stamp != self._stamp:
                    self._read(stamp)
                self._problem = ""
            except OSError as error:
                if self._problem != str(error):
                    self._log.warning("Taught words cannot be read (%s); the known ones stay in use", error)
                self._problem = str(error)

    def _read(self, stamp: Stamp | None) -> None:
        try:
            self._use(self._file.read())
        except ValueError:
            if stamp != self._damaged_stamp:
                self._damaged_stamp = stamp
                return
            self._use(self._file.change(lambda _: None))
        self._stamp = stamp

    def _change(self, change: Callable[[Words], None]) -> None:
        with self._lock:
            try:
                self._use(self._file.change(change))
            except OSError as error:
                reason = f"cannot be written: {error.strerror}; check [directories] state"
                raise LexiconError(f"{self._file.path} {reason}") from None

    def _use(self, words: Words) -> None:
        """Use the valid entries of `words`, and log the others."""
        for language, current in self._languages.items():
            taught = {}
            for word, sound in words.get(language, {}).items():
                try:
                    entry = self._check(LexiconEntry(word, sound, language))
                    taught[entry.word] = entry.sound
                except LexiconError as error:
                    self._log.warning("A taught word is not used: %s", error)
            if taught != current.taught:
                self._languages[language] = self._combine(language, taught)

    def _combine(self, language: str, taught: Mapping[str, str]) -> _Language:
        configured, entries = self._configured[language]
        if not taught:
            return _Language(entries, taught)
        version = hashlib.blake2b(json.dumps(sorted(taught.items())).encode(), digest_size=8).hexdigest()
        return _Language(LexiconEntries({**taught, **configured}), taught, version)

    def _check(self, entry: LexiconEntry) -> LexiconEntry:
        """Return `entry` in its normal form. Raises `LexiconError` if it cannot be used."""
        word, sound, language = normalize(entry.word), " ".join(entry.sound.split()), entry.language
        if language not in self._configured:
            raise LexiconError(f"unknown language: {language!r}; use one of {', '.join(self._configured)}")
        for name, text, limit in (("word", word, MAX_WORD_CHARACTERS), ("pronunciation", sound, MAX_SOUND_CHARACTERS)):
            if not 0 < len(text) <= limit:
                raise LexiconError(f"the {name} must have 1 to {limit} characters, not {len(text)}")
            if any(unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs") for character in text):
                raise LexiconError(f"the {name} {text!r} has a control or private character; remove it")
        if self._configured[language][1].has(word):
            raise LexiconError(f"{word!r} is set in {self._source}; change [plugins.lexicon.{language}] there")
        try:
            parse_pronunciation(sound)
        except ValueError as error:
            raise LexiconError(f"{word!r}: {error}") from None
        return replace(entry, word=word, sound=sound, origin="")


def _remove(words: dict[str, str], word: str) -> bool:
    """Remove `word`, however it is written, and return whether it was there."""
    found = [key for key in words if normalize(key) == word]
    for key in found:
        del words[key]
    return bool(found)
