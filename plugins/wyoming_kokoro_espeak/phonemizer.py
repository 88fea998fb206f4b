"""Converts text of one language to IPA with espeak NG."""

from __future__ import annotations

import os.path
import re
from functools import cached_property

from wyoming_kokoro_espeak.engine import EspeakEngine

PUNCTUATION = ';:,.!?¡¿—…"«»“”(){}[]'
"""Marks that are in the model's vocabulary or stand for a pause."""

# A mark between digits belongs to the number: `3.14`.
_MARK = rf"(?:(?<!\d)[{re.escape(PUNCTUATION)}]|[{re.escape(PUNCTUATION)}](?!\d))"
_MARKS = re.compile(rf"(\s*{_MARK}(?:\s*{_MARK})*\s*)")
# espeak puts the name of another language before its words, such as `(en)`.
_LANGUAGE_MARK = re.compile(r"\(.+?\)")
_FIRST_OTHER_LETTER = "\u0370"
"""espeak reads the letters before it in all words."""
_UNKNOWN_LETTERS = ("Ⰰ", "ꓐ", "𗀀")
"""espeak calls them "letter" and the digits of their code points, in every language."""


class EspeakPhonemizer:
    """Phonemizes the text between punctuation marks and keeps the marks, which espeak drops."""

    def __init__(self, voice: str, engine: EspeakEngine) -> None:
        """`voice` is espeak's name of the language."""
        self._voice = voice
        self._engine = engine
        self._readable: dict[str, bool] = {}

    @property
    def version(self) -> str:
        """Return a string that changes when another library is installed."""
        library = self._engine.library
        return f"espeak {library.path} {library.file_version}"

    def phonemize(self, text: str) -> str:
        """Return IPA with stress and punctuation. Raises `StartupError` when espeak cannot be opened."""
        text = "".join(character for character in text if self._can_read(character))
        # C ends a string at a null character.
        parts = _MARKS.split(" ".join(text.replace("\0", " ").split()))
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
        return _LANGUAGE_MARK.sub("", self._engine.phonemize(text, self._voice)) if text else ""
