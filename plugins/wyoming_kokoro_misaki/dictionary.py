"""misaki's dictionary of one accent, and the endings that it lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from wyoming_kokoro_misaki.accents import Accent

Entry = str | Mapping[str, str | None]
"""Phonemes, or phonemes by part of speech with a `DEFAULT`; None says that the letters are said."""

_DOUBLED = re.compile(r"([bdgklmnprtvz])\1$")


class MisakiDictionary:
    """Knows how words are said."""

    def __init__(self, folder: Path, accent: Accent) -> None:
        """`folder` has misaki's data; it is read when a word is first asked for."""
        self._folder = folder
        self._accent = accent

    def look_up(self, word: str, use: str) -> str | None:
        """Return how `word` is said in its `use`, a tag of misaki's such as `VERB`; None for an unknown word."""
        if len(word) > 1 and word.isupper():
            return self._capitals(word, use)
        known = self._known(word, use)
        return known or next(filter(None, self._inflected(word, use)), None)

    def spell(self, word: str) -> str | None:
        """Return the names of the letters of `word`, the last one stressed most; None when one has no name."""
        names = [self._gold.get(letter.upper()) for letter in word]
        if not all(isinstance(name, str) for name in names):
            return None
        weak = [str(name).replace("ˈ", "ˌ") for name in names[:-1]]
        return "".join(weak) + str(names[-1])

    def _capitals(self, word: str, use: str) -> str | None:
        entry = self._gold.get(word)
        if isinstance(entry, str):
            return entry
        if entry is None and (known := self._known(word.lower(), use)):
            return known
        return self.spell(word)

    def _known(self, word: str, use: str) -> str | None:
        for table in (self._gold, self._silver):
            for form in (word, word.lower(), word.capitalize()):
                entry = table.get(form)
                if entry is not None:
                    return entry if isinstance(entry, str) else entry.get(use) or entry["DEFAULT"]
        return None

    def _inflected(self, word: str, use: str) -> Iterator[str | None]:
        """Yield how `word` is said as a shorter word with an ending."""
        for ending, stems, joined in self._endings:
            if word.lower().endswith(ending):
                yield from (joined(stem) for form in stems(word) if (stem := self._known(form, use)))

    @property
    def _endings(self) -> tuple[tuple[str, Callable[[str], list[str]], Callable[[str], str]], ...]:
        accent = self._accent
        return (
            ("'s", lambda word: [word[:-2]], accent.add_s),
            (
                "s",
                lambda word: [word[:-1], *_with_y(word, "ies"), *_without(word, "es")] * (word[-2:] != "ss"),
                accent.add_s,
            ),
            ("ed", lambda word: [word[:-1], word[:-2], *_with_y(word, "ied"), *_single(word[:-2])], accent.add_ed),
            ("ing", lambda word: [word[:-3], word[:-3] + "e", *_single(word[:-3])], accent.add_ing),
        )

    @cached_property
    def _gold(self) -> dict[str, Entry]:
        return self._table("gold")

    @cached_property
    def _silver(self) -> dict[str, Entry]:
        return self._table("silver")

    def _table(self, grade: str) -> dict[str, Entry]:
        table: dict[str, Entry] = json.loads(
            (self._folder / f"{self._accent.file_prefix}_{grade}.json").read_text("utf-8")
        )
        return table


def _without(word: str, ending: str) -> list[str]:
    return [word[: -len(ending)]] if word.endswith(ending) else []


def _with_y(word: str, ending: str) -> list[str]:
    return [f"{stem}y" for stem in _without(word, ending)]


def _single(stem: str) -> list[str]:
    return [stem[:-1]] if _DOUBLED.search(stem) else []
