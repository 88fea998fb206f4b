"""Splits text into runs by script, so that the phonemizer of another language can read what this one cannot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

LATIN = "LATIN"
HAN = "CJK"
KANA = "KANA"
HAN_AND_KANA = "CJK KANA"
"""Chinese characters next to kana, as in Japanese words."""

READERS: Mapping[str, Mapping[str, str]] = {
    "ARABIC": {"ur": "ٹڈڑںےہھ", "fa": "پچژگکی", "ar": ""},
    "ARMENIAN": {"hy": ""},
    "BENGALI": {"bn": ""},
    HAN: {"zh-CN": "", "cmn": ""},
    HAN_AND_KANA: {"ja": ""},
    "CYRILLIC": {"be": "ў", "uk": "іїєґ", "sr": "јљњћђџ", "ru": ""},
    "DEVANAGARI": {"hi": ""},
    "ETHIOPIC": {"am": ""},
    "GEORGIAN": {"ka": ""},
    "GREEK": {"el": ""},
    "GUJARATI": {"gu": ""},
    "GURMUKHI": {"pa": ""},
    "HANGUL": {"ko": ""},
    "HEBREW": {"he": ""},
    KANA: {"ja": "", "ja-Hrkt": ""},
    "KANNADA": {"kn": ""},
    "MALAYALAM": {"ml": ""},
    "ORIYA": {"or": ""},
    "SINHALA": {"si": ""},
    "TAMIL": {"ta": ""},
    "TELUGU": {"te": ""},
}
"""The languages that may read each script, the best first, with the letters of which the text must have one.

`cmn` and `ja-Hrkt`, which is kana, are readings that need no dictionary of words. Other scripts have no reader.
"""
READER_LANGUAGES = frozenset(language for languages in READERS.values() for language in languages)

_SCRIPTS = {"HIRAGANA": KANA, "KATAKANA": KANA, "KATAKANA-HIRAGANA": KANA, "IDEOGRAPHIC": HAN}
"""Scripts whose characters' names begin differently."""
_NO_SCRIPTS = frozenset({"COMBINING", "MODIFIER", "VARIATION"})
"""First words of the names of marks and modifiers that belong to no script."""
_UNNAMED = "UNNAMED"
"""The script of letters without a name, such as Tangut."""
_FIRST_OTHER_LETTER = "\u0370"
"""All letters before it are Latin."""
MAX_CACHED_CHARACTERS = 4096
_MAX_UNIT_LETTERS = 3
_UNIT_BEGINS = re.compile(r"[\d°/]\s?$")
_CLOSERS = re.compile(r"[.,;:!?…。、，！？；：)\]）」』】》”’»]*")
_SPACE = re.compile(r"\s")
_LAST_SPACE = re.compile(r"\s(?=\S*$)")


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a text that one language reads."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class ScriptSplitter:
    """Splits text into runs."""

    languages: Collection[str]
    """The languages that have a phonemizer."""
    ideographs: str = "zh-CN"
    """The language of Chinese characters without kana in the same text: `zh-CN` or `ja`."""

    def split(self, text: str, language: str) -> list[Run]:
        """Return the runs of `text`. Letters without a reader are left out.

        `language` reads the Latin script and its own. Digits and marks belong to the letters around them.
        """
        if not text or max(text) < _FIRST_OTHER_LETTER:
            return [Run(language, text)]
        groups = _without_units(list(_split_letters(text)), language)
        letters: dict[str, str] = {}
        for script, group in groups:
            letters[script] = letters.get(script, "") + group.lower()
        readers = {script: self._choose_reader(script, letters, language) for script in letters if script}
        parts: list[tuple[str | None, str]] = []
        for script, group in groups:
            # Single Greek letters stand for units, angles and variables. The micro sign is another character than μ.
            if not script or (len(group) == 1 and ("Α" <= group <= "ω" or group == "µ")):
                parts.append((None, group))
            else:
                parts.append((readers[script], group) if readers[script] else (None, " "))
        return _merge(_share_marks(parts, language))

    def _choose_reader(self, script: str, letters: Mapping[str, str], language: str) -> str | None:
        """Return the language that reads `script` in a text with these `letters` by script, or None."""
        has_kana = not {KANA, HAN_AND_KANA}.isdisjoint(letters)
        # A Chinese text may cite Japanese words.
        if script == HAN and language != "zh-CN" and (has_kana or "ja" in (language, self.ideographs)):
            script = HAN_AND_KANA
        if script == LATIN or language in READERS.get(script, {}):
            return language
        for reader, required in READERS.get(script, {}).items():
            if reader in self.languages and (not required or not set(required).isdisjoint(letters[script])):
                return reader
        return None


@lru_cache(MAX_CACHED_CHARACTERS)
def script_of(character: str) -> str:
    """Return the script of a letter as Unicode names it, and an empty string for digits, marks and symbols."""
    if character.isascii():
        return LATIN if character.isalpha() else ""
    category = unicodedata.category(character)
    # Embedded IPA is private use, and every language can read it.
    if category == "Co":
        return LATIN
    if category[0] not in "LM" and category != "Nl":
        return ""
    name = unicodedata.name(unicodedata.normalize("NFKC", character)[0], "").partition(" ")[0]
    return "" if name in _NO_SCRIPTS else _SCRIPTS.get(name, name) or _UNNAMED


def _split_letters(text: str) -> Iterator[tuple[str, str]]:
    """Yield the script of each group of letters or of other characters, and the group."""

    def group_of(character: str) -> str:
        script = script_of(character)
        return HAN_AND_KANA if script in (HAN, KANA) else script

    for group, characters in groupby(text, group_of):
        letters = "".join(characters)
        if group == HAN_AND_KANA:
            scripts = {script_of(letter) for letter in letters}
            yield (group if len(scripts) > 1 else scripts.pop()), letters
        else:
            yield group, letters


def _without_units(groups: list[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Return `groups` with units such as `°C` and `km/h` as marks, if `language` has no other letters in the text."""
    units = {
        index
        for index, (script, letters) in enumerate(groups[1:], start=1)
        if script == LATIN and len(letters) <= _MAX_UNIT_LETTERS and _UNIT_BEGINS.search(groups[index - 1][1])
    }
    scripts = {script for index, (script, _) in enumerate(groups) if script and index not in units}
    if any(script == LATIN or language in READERS.get(script, {}) for script in scripts):
        return groups
    return [("" if index in units else script, letters) for index, (script, letters) in enumerate(groups)]


def _share_marks(parts: list[tuple[str | None, str]], language: str) -> Iterator[Run]:
    """Yield a run for each group of letters, and divide what stands between them among its neighbors.

    Space separates: `language` gets what stands alone between its own letters and those of another language.
    """
    readers = [reader for reader, _ in parts if reader]
    is_mixed = not readers or language in readers
    before = language if is_mixed else readers[0]
    rest = iter([*readers, language if is_mixed else readers[-1]])
    after = next(rest)
    for reader, text in parts:
        if reader:
            before, after = reader, next(rest)
            yield Run(reader, text)
        elif before == after:
            yield Run(before, text)
        else:
            space = (_LAST_SPACE if before == language else _SPACE).search(text)
            if space:
                at = space.start()
            else:
                closers = _CLOSERS.match(text)
                at = closers.end() if closers and before == language else len(text)
            yield Run(before, text[:at])
            yield Run(after, text[at:])


def _merge(runs: Iterable[Run]) -> list[Run]:
    """Return the runs with neighbors of one language joined."""
    return [
        Run(language, "".join(run.text for run in group)) for language, group in groupby(runs, lambda run: run.language)
    ]
