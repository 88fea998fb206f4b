"""Converts text of one language to IPA with espeak NG."""

from __future__ import annotations

import logging
import os.path
import re
import threading
from functools import cached_property
from importlib import metadata
from typing import Any

from wyoming_kokoro import StartupError
from wyoming_kokoro_espeak.library import EspeakLibrary

PUNCTUATION = ';:,.!?¡¿—…"«»“”(){}[]'
"""Marks that are in the model's vocabulary or stand for a pause."""

# A mark between digits belongs to the number: `3.14`.
_MARK = rf"(?:(?<!\d)[{re.escape(PUNCTUATION)}]|[{re.escape(PUNCTUATION)}](?!\d))"
_MARKS = re.compile(rf"(\s*{_MARK}(?:\s*{_MARK})*\s*)")
_NO_MARK = "\0"
_FIRST_OTHER_LETTER = "\u0370"
"""espeak reads the letters before it in all words."""
_UNKNOWN_LETTERS = ("Ⰰ", "ꓐ", "𗀀")
"""espeak calls them "letter" and the digits of their code points, in every language."""


class EspeakPhonemizer:
    """Phonemizes the text between punctuation marks and keeps the marks, which espeak drops.

    The phonemizer package can keep them too, but takes the point of `3.14` for the end of a sentence. espeak is opened
    on first use, because importing that package takes a second.
    """

    def __init__(self, voice: str, library: EspeakLibrary, lock: threading.Lock) -> None:
        """`lock` is shared by all languages, because espeak has one state per process."""
        self._voice = voice
        self._library = library
        self._lock = lock
        self._readable: dict[str, bool] = {}

    @property
    def version(self) -> str:
        """Return the versions of the package and the library that determine the phonemes."""
        return f"phonemizer {metadata.version('phonemizer')} {self._library.path} {self._library.file_version}"

    def phonemize(self, text: str) -> str:
        """Return IPA with stress and punctuation. Raises `StartupError` when espeak cannot be opened."""
        with self._lock:
            text = "".join(character for character in text if self._can_read(character))
            parts = _MARKS.split(" ".join(text.replace(_NO_MARK, " ").split()))
            return "".join(part if index % 2 else self._phonemize_words(part) for index, part in enumerate(parts))

    def _can_read(self, character: str) -> bool:
        """Return whether espeak does not read `character` as its code point."""
        if character < _FIRST_OTHER_LETTER:
            return True
        if character not in self._readable:
            self._readable[character] = self._letter not in self._phonemize_words(character)
        return self._readable[character]

    @cached_property
    def _letter(self) -> str:
        """The phonemes of "letter"."""
        # The readings are no paths.
        return os.path.commonprefix(list(map(self._phonemize_words, _UNKNOWN_LETTERS))).rstrip("ˈˌ")  # noqa: RUF071

    def _phonemize_words(self, text: str) -> str:
        return str(self._backend.phonemize([text], strip=True)[0]) if text else ""

    @cached_property
    def _backend(self) -> Any:
        from phonemizer.backend import EspeakBackend  # noqa: PLC0415 takes a second
        from phonemizer.backend.espeak.wrapper import EspeakWrapper  # noqa: PLC0415

        log = logging.getLogger("wyoming_kokoro.plugins.espeak.phonemizer")
        # The package warns of every foreign word.
        log.setLevel(logging.ERROR)
        EspeakWrapper.set_library(self._library.path)
        EspeakWrapper.set_data_path(self._library.data_directory)
        try:
            return EspeakBackend(
                self._voice,
                punctuation_marks=_NO_MARK,
                with_stress=True,
                language_switch="remove-flags",
                words_mismatch="ignore",
                logger=log,
            )
        except (OSError, RuntimeError) as error:
            # The package loads a copy of the library from the temporary directory, which must allow execution.
            raise StartupError(
                f"espeak NG cannot be opened: {error}; if the temporary directory is mounted noexec,"
                " set TMPDIR to another directory"
            ) from error
