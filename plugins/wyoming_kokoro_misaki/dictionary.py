"""Reads misaki's dictionary of one accent, and derives words with endings from it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from wyoming_kokoro_misaki.accents import Accent

Entry = str | Mapping[str, str | None]
"""Phonemes, or phonemes by part-of-speech tag with a `DEFAULT`. None means that the letters are spelled."""

_DOUBLE_CONSONANT = re.compile(r"([bdgklmnprtvz])\1$")


class MisakiDictionary:
    """Looks up the phonemes of words."""

    def __init__(self, folder: Path, accent: Accent) -> None:
        """`folder` holds misaki's data files, which are read on first use."""
        self._folder = folder
        self._accent = accent

    def look_up(self, word: str, tag: str) -> str | None:
        """Return the phonemes of `word` with a part-of-speech `tag` such as `VERB`, or None for an unknown word."""
        if len(word) > 1 and word.isupper():
            return self._look_up_capitals(word, tag)
        return self._find(word, tag) or next(filter(None, self._find_inflected(word, tag)), None)

    def spell(self, word: str) -> str | None:
        """Return the names of the letters of `word` with main stress on the last, or None if a letter has no name."""
        names = [self._gold.get(letter.upper()) for letter in word]
        if not all(isinstance(name, str) for name in names):
            return None
        unstressed = [str(name).replace("ˈ", "ˌ") for name in names[:-1]]
        return "".join(unstressed) + str(names[-1])

    def _look_up_capitals(self, word: str, tag: str) -> str | None:
        entry = self._gold.get(word)
        if isinstance(entry, str):
            return entry
        if entry is None and (phonemes := self._find(word.lower(), tag)):
            return phonemes
        return self.spell(word)

    def _find(self, word: str, tag: str) -> str | None:
        for table in (self._gold, self._silver):
            for form in (word, word.lower(), word.capitalize()):
                entry = table.get(form)
                if entry is not None:
                    return entry if isinstance(entry, str) else entry.get(tag) or entry["DEFAULT"]
        return None

    def _find_inflected(self, word: str, tag: str) -> Iterator[str | None]:
        """Yield the phonemes of `word` as each known stem with an ending."""
        for ending, get_stems, add_ending in self._endings:
            if word.lower().endswith(ending):
                yield from (add_ending(phonemes) for stem in get_stems(word) if (phonemes := self._find(stem, tag)))

    @property
    def _endings(self) -> tuple[tuple[str, Callable[[str], list[str]], Callable[[str], str]], ...]:
        accent = self._accent
        return (
            ("'s", lambda word: [word[:-2]], accent.add_s),
            (
                "s",
                lambda word: [word[:-1], *_replace_with_y(word, "ies"), *_remove(word, "es")] * (word[-2:] != "ss"),
                accent.add_s,
            ),
            (
                "ed",
                lambda word: [word[:-1], word[:-2], *_replace_with_y(word, "ied"), *_remove_double(word[:-2])],
                accent.add_ed,
            ),
            ("ing", lambda word: [word[:-3], word[:-3] + "e", *_remove_double(word[:-3])], accent.add_ing),
        )

    @cached_property
    def _gold(self) -> dict[str, Entry]:
        return self._read("gold")

    @cached_property
    def _silver(self) -> dict[str, Entry]:
        return self._read("silver")

    def _read(self, grade: str) -> dict[str, Entry]:
        file = self._folder / f"{self._accent.file_prefix}_{grade}.json"
        table: dict[str, Entry] = json.loads(file.read_text("utf-8"))
        return table


def _remove(word: str, ending: str) -> list[str]:
    return [word.removesuffix(ending)] if word.endswith(ending) else []


def _replace_with_y(word: str, ending: str) -> list[str]:
    return [f"{stem}y" for stem in _remove(word, ending)]


def _remove_double(stem: str) -> list[str]:
    return [stem[:-1]] if _DOUBLE_CONSONANT.search(stem) else []
