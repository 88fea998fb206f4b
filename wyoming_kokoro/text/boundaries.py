"""Decides where a text may be cut.

Each decision depends on a bounded number of characters before and after the place. `Undecided` is raised if characters
after it are still to come. The same text therefore has the same boundaries however it arrives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wyoming_kokoro.text.abbreviations import Abbreviations

Ending = Literal["word", "clause", "sentence", "paragraph"]
"""`word`: only the style changes there."""

LOOKBEHIND = 200
"""Characters before a place that a decision may depend on."""

CANDIDATE = re.compile(r"[.!?…。！？।॥]{1,32}|[,;:—–，、；：]|\n")
"""A mark that may end a sentence, a clause or a line."""

_WIDE_ENDS = frozenset("。！？।॥")
_CLAUSE_ENDS = frozenset(",;:—–，、；：")
_WIDE_CLAUSE_ENDS = frozenset("，、；：")
_OPENERS = "([{\"'“‘«¿¡—–*_`~"
_CLOSERS = re.compile(r"""(?:\[(?:\^?\d{1,3}\]?|\^?\Z)|["'”’»)\]}*_`~）」』】》]){0,8}""")
_BLANKS = re.compile(r"[^\S\n]{0,80}")
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]")
_BULLETS = "-*+•–—>‣⁃∙·●○◦■□▪▫▶►➔➜➤◆◇♦✓✔✗✘☐☑☒"
_NUMBER = r"\d{1,3}|[ivx]{1,4}|[a-zA-Z]"
_ITEM = re.compile(rf"(?:[{_BULLETS}]|\(?(?:{_NUMBER})[.)]|#{{1,6}})[^\S\n]|`{{3}}|\||[-=*_:]{{3}}")
_START_OF_ITEM = re.compile(rf"(?:\(?(?:{_NUMBER})?[.)]?|#{{1,6}}|`{{1,2}}|[-=*_:]{{1,2}}|[{_BULLETS}])?")
_TITLE = re.compile(r"(?:.*[:：]|\*\*[^*]*\*\*|__[^_]*__)$")
_DEFINITION = re.compile(r"\[[^\[\]]{1,80}\]:\s*<?https?://")
_LIST_NUMBER = re.compile(r"(?:\n\s*|[.!?…]\S{0,2}\s+|:\s+(?=1$))\(?\d{1,2}$")
_ROMAN_LIST_NUMBER = re.compile(r"\n\s*\(?[ivx]{1,4}$")
_LETTERS = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_SENTENCE_END = re.compile(r"([.!?…。！？।॥]{1,32})[\"'”’»)\]}*_`~）」』】》]{0,8}(\s*)$")
_LINE_END = re.compile(r"[.!?…。！？।॥:：][\"'”’»)\]}*_`~）」』】》]{0,8}\s*$")
_CLAUSE_END = re.compile(r"(?:^|\s)[\"'“‘«¿¡(*_~]{0,3}[^\W\d_]{2,}[\"'”’»)*_~]{0,3}[,;]$")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});$")
NUMBER_END = re.compile(r"\d(?:st|nd|rd|th|[.ºª])?$")
_OPEN_TAG = re.compile(r"(?:<[a-zA-Z/!?|][^<>]*|\]\([^()\s]*)\Z")
_WORD_I = re.compile("I?")
_UNIT = re.compile(
    r"\d[\s-]?(?:h|hrs?|mins?|secs?|seg|wks?|mos?|yrs?|oz|lbs?|ft|in|mi|yds?|pts?|qts?|gal|tsp|tbsp|c|doz|pkg|[kcm]m|m|[km]?g|[mc]?l)$"
)
_ADDRESS = re.compile(r"[@/]|\w\.\w")
_URL = re.compile(r"://|\bwww\b|mailto:|\w\.\w+/")
# Lines of continuous text are longer, even if they are wrapped for a narrow screen.
_MAX_LIST_LINE = 40


class Undecided(Exception):
    """The decision depends on text that is still to come."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place where a text may be cut."""

    end: int
    """Index after the last character before the cut."""
    ending: Ending


@dataclass(frozen=True, slots=True)
class PartialText:
    """The text so far."""

    text: str
    is_complete: bool

    def skip(self, pattern: re.Pattern[str], start: int) -> int:
        """Return the end of a match of `pattern` at `start`. Raises `Undecided` if more text may continue the match."""
        match = pattern.match(self.text, start)
        end = match.end() if match else start
        if end == len(self.text) and not self.is_complete:
            raise Undecided
        return end

    def char(self, index: int) -> str:
        """Return the character after `skip`, which is a newline at the end of a complete text."""
        return self.text[index] if index < len(self.text) else "\n"


def resolve_boundary(partial: PartialText, start: int, end: int, abbreviations: Abbreviations) -> Boundary | None:
    """Return the boundary at the `CANDIDATE` from `start` to `end`, or None if it is not one. Raises `Undecided`."""
    first = partial.text[start]
    if first == "\n":
        return _resolve_line(partial, start)
    if first in _CLAUSE_ENDS:
        return _resolve_clause(partial, start)
    return _resolve_sentence(partial, start, end, abbreviations)


def is_likely_sentence_end(text: str, abbreviations: Abbreviations) -> bool:
    """Return whether `text` probably ends a sentence, if no more text comes for a while."""
    tail = text[-LOOKBEHIND:]
    match = _SENTENCE_END.search(tail)
    if not match:
        return False
    marks, spaces = match.groups()
    word = _last_word(tail[: match.start()])
    # `3.`, `example.` and `example.com/?` may continue as `3.14`, `example.com` and `example.com/?q=1`.
    if not spaces and (_URL.search(word) or (marks == "." and (word[-1:].isdigit() or _ADDRESS.search(word)))):
        return False
    return marks != "." or not _is_abbreviation(tail, match.start(), abbreviations)


def is_likely_clause_end(text: str) -> bool:
    """Return whether `text` ends with a comma or semicolon after a plain word.

    The space that makes the end certain arrives with the next word.
    """
    return _CLAUSE_END.search(text, max(0, len(text) - 48)) is not None


def _resolve_sentence(partial: PartialText, start: int, end: int, abbreviations: Abbreviations) -> Boundary | None:
    closed = partial.skip(_CLOSERS, end)
    following = partial.char(closed)
    marks = partial.text[start:end]
    if _WIDE_ENDS.isdisjoint(marks) and not (following.isspace() or _EMOJI.match(following)):
        return None
    if marks == "." and _continues(partial, start, closed, abbreviations):
        return None
    return Boundary(closed, _sentence_or_paragraph(partial, closed))


def _sentence_or_paragraph(partial: PartialText, end: int) -> Ending:
    """Return "paragraph" if a blank line follows. Only a newline at `end` makes it wait for more text."""
    if end >= len(partial.text) or partial.text[end] != "\n":
        return "sentence"
    line = partial.skip(_BLANKS, end + 1)
    return "paragraph" if line < len(partial.text) and partial.text[line] == "\n" else "sentence"


def _continues(partial: PartialText, at: int, end: int, abbreviations: Abbreviations) -> bool:
    """Return whether the sentence continues after the full stop at `at`, whose closing marks end at `end`."""
    if _is_abbreviation(partial.text, at, abbreviations):
        return True
    # In `30-Nov.`, the abbreviation follows a dash.
    word = re.split("[–-]", _word_before(partial.text, at))[-1].lower()
    is_unit = _UNIT.search(partial.text[max(0, at - 12) : at]) is not None
    is_before_lowercase = is_unit or word in abbreviations.before_lowercase
    if not is_before_lowercase and word not in abbreviations.before_digit:
        return False
    following = partial.char(partial.skip(_BLANKS, end))
    return following.isdigit() or (is_before_lowercase and following.islower())


def _is_abbreviation(text: str, at: int, abbreviations: Abbreviations) -> bool:
    """Return whether the full stop at `at` belongs to an abbreviation, an initial or a list number."""
    word = _word_before(text, at)
    if word.isdigit():
        return _LIST_NUMBER.search(text[max(0, at - 24) : at]) is not None
    if word.islower() and _ROMAN_LIST_NUMBER.search(text[max(0, at - 24) : at]):
        return True
    # "I" is a word. Scripts from Devanagari on have no initials.
    is_initial = len(word) == 1 and word.isalpha() and word != "I" and word < "\u0900"
    # In `l'ing.`, the abbreviation follows an apostrophe.
    last = re.split("['’]", word)[-1].lower()
    return is_initial or _LETTERS.fullmatch(word) is not None or last in abbreviations.always


def _word_before(text: str, at: int) -> str:
    return _last_word(text[max(0, at - 24) : at]).lstrip(_OPENERS)


def _last_word(text: str) -> str:
    """Return what follows the last whitespace."""
    return "" if not text or text[-1].isspace() else text.rsplit(maxsplit=1)[-1]


def _resolve_clause(partial: PartialText, at: int) -> Boundary | None:
    end = partial.skip(_CLOSERS, at + 1)
    if not (partial.char(end).isspace() or partial.text[at] in _WIDE_CLAUSE_ENDS):
        return None
    before = partial.text[max(0, at - 10) : at]
    if _ENTITY.search(before + partial.text[at]):
        return None
    # The commas of `1, 2 and 3` and `January 3rd, 2026` do not end a clause.
    if NUMBER_END.search(before.rstrip()) and partial.char(partial.skip(_BLANKS, end)).isdigit():
        return None
    return Boundary(end, "clause")


def _resolve_line(partial: PartialText, at: int) -> Boundary | None:
    following = partial.skip(_BLANKS, at + 1)
    if partial.char(following) == "\n":
        return Boundary(at, "paragraph")
    if _begins_item(partial, following):
        return Boundary(at, "sentence")
    before = partial.text[max(0, at - LOOKBEHIND) : at]
    lines = before.split("\n")
    line = lines[-1].strip() if len(lines) > 1 else ""
    if _LINE_END.search(before) or any(pattern.match(line) for pattern in (_ITEM, _TITLE, _DEFINITION)):
        return Boundary(at, "sentence")
    if line[-1:] in _CLAUSE_ENDS or _OPEN_TAG.search(before):
        return None
    return Boundary(at, "sentence") if _begins_line(partial, following, lines) else None


def _begins_line(partial: PartialText, start: int, lines: Sequence[str]) -> bool:
    """Return whether the text at `start` does not continue the last of the `lines` before it."""
    first = partial.char(start)
    if first.islower() or first.isdigit():
        return _is_in_list(lines)
    is_long = len(lines) == 1 or len(lines[-1].strip()) > _MAX_LIST_LINE
    after_i = partial.skip(_WORD_I, start)
    return not is_long or after_i == start or partial.char(after_i).isalpha()


def _is_in_list(lines: Sequence[str]) -> bool:
    """Return whether the last of `lines` is an item of a list without marks, such as `milk`."""
    first = ""
    # The first line may be cut.
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if not line or index == 0:
            break
        if _TITLE.match(line):
            return True
        if len(line) > _MAX_LIST_LINE:
            return False
        first = line[0]
    return first.islower() or first.isdigit()


def _begins_item(partial: PartialText, start: int) -> bool:
    """Return whether a list item, a heading, a table or a code block begins at `start`."""
    if _ITEM.match(partial.text, start):
        return True
    partial.skip(_START_OF_ITEM, start)
    return False
