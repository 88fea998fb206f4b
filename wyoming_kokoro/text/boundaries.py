"""Where a text may be cut, decided from the text alone.

Each decision looks a bounded way back and a bounded way ahead. One that depends on text that has not come
raises `Undecided`, so that the same text gives the same boundaries however it arrives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from wyoming_kokoro.text.abbreviations import Abbreviations

Ending = Literal["clause", "sentence", "paragraph"]

LOOKBEHIND = 200
"""Characters before a position that a decision may depend on."""

CANDIDATE = re.compile(r"[.!?…。！？।॥]{1,32}|[,;:—–，、；：]|\n")
"""What a boundary may begin with: the end of a sentence, of a clause or of a line."""

_WIDE_ENDS = frozenset("。！？।॥")
_CLAUSE_ENDS = frozenset(",;:—–，、；：")
_WIDE_CLAUSE_ENDS = frozenset("，、；：")
_OPENERS = "([{\"'“‘«¿¡—–*_`~"
_CLOSERS = re.compile(r"""["'”’»)\]}*_`~）」』】》]{0,8}""")
_BLANKS = re.compile(r"[^\S\n]{0,80}")
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]")
_ITEM = re.compile(r"(?:[-*+•–—>]|\d{1,3}[.)]|#{1,6})[^\S\n]|`{3}|\|")
_ITEM_BEGUN = re.compile(r"(?:[-*+•–—>]|\d{1,3}[.)]?|#{1,6}|`{1,2})?")
_LIST_NUMBER = re.compile(r"(?:\n\s*|[.!?…]\S{0,2}\s+|:\s+(?=1$))\(?\d{1,2}$")
_LETTERS = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_FINISHED = re.compile(r"([.!?…。！？।॥]{1,32})[\"'”’»)\]}*_`~）」』】》]{0,8}(\s*)$")
_LINE_FINISHED = re.compile(r"[.!?…。！？।॥:：][\"'”’»)\]}*_`~）」』】》]{0,8}\s*$")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});$")
_BEFORE_NUMBER = re.compile(r"\d(?:st|nd|rd|th|[.ºª])?$")
_CLAUSE_FINISHED = re.compile(r"(?:^|\s)[\"'“‘«¿¡(*_~]{0,3}[^\W\d_]{2,}[\"'”’»)*_~]{0,3}[,;]$")
_ADDRESS = re.compile(r"[@/]|\w\.\w")
_URL = re.compile(r"://|\bwww\b|mailto:|\w\.\w+/")


class Undecided(Exception):
    """The text that has come does not tell."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place where a text may be cut."""

    end: int
    """Index behind the last character before the cut."""
    ending: Ending


@dataclass(frozen=True, slots=True)
class PartialText:
    """A text of which more may come."""

    text: str
    complete: bool
    """No more comes."""

    def skip(self, pattern: re.Pattern[str], start: int) -> int:
        """Return where the run of `pattern`, which may be empty, ends. Raises `Undecided` if it may go on."""
        match = pattern.match(self.text, start)
        end = match.end() if match else start
        if end == len(self.text) and not self.complete:
            raise Undecided
        return end

    def char(self, index: int) -> str:
        """Return a character that `run` has found to be there, or a newline behind a complete text."""
        return self.text[index] if index < len(self.text) else "\n"


def resolve_boundary(view: PartialText, start: int, end: int, abbreviations: Abbreviations) -> Boundary | None:
    """Return the boundary that the `CANDIDATE` at `start` to `end` is, or None. Raises `Undecided`."""
    first = view.text[start]
    if first == "\n":
        return _line(view, start)
    if first in _CLAUSE_ENDS:
        return _clause(view, start)
    return _sentence(view, start, end, abbreviations)


def is_likely_sentence_end(text: str, abbreviations: Abbreviations) -> bool:
    """Return whether `text` probably ends a sentence, if no more text comes for a while."""
    tail = text[-LOOKBEHIND:]
    match = _FINISHED.search(tail)
    if not match:
        return False
    marks, spaces = match.groups()
    word = "".join(tail[: match.start()].rpartition(" ")[2].split()[-1:])
    if not spaces and (_URL.search(word) or (marks == "." and (word[-1:].isdigit() or _ADDRESS.search(word)))):
        return False  # 3.|14, example.|com and example.com/?|q=1 may go on.
    return marks != "." or not _is_abbreviated(tail, match.start(), abbreviations)


def is_likely_clause_end(text: str) -> bool:
    """Return whether `text` probably ends a clause: with a comma or semicolon after a plain word.

    In a stream, the space that makes it certain comes with the next word.
    """
    return _CLAUSE_FINISHED.search(text, max(0, len(text) - 48)) is not None


def _sentence(view: PartialText, start: int, end: int, abbreviations: Abbreviations) -> Boundary | None:
    closed = view.skip(_CLOSERS, end)
    follower = view.char(closed)
    wide = not _WIDE_ENDS.isdisjoint(view.text[start:end])
    if not (wide or follower.isspace() or _EMOJI.match(follower)):
        return None
    if view.text[start:end] == "." and _goes_on(view, start, closed, abbreviations):
        return None
    return Boundary(closed, _gap(view, closed))


def _gap(view: PartialText, end: int) -> Ending:
    """Tell a blank line behind a sentence; waits for it only where a line has already ended."""
    if end >= len(view.text) or view.text[end] != "\n":
        return "sentence"
    line = view.skip(_BLANKS, end + 1)
    return "paragraph" if line < len(view.text) and view.text[line] == "\n" else "sentence"


def _goes_on(view: PartialText, at: int, end: int, abbreviations: Abbreviations) -> bool:
    if _is_abbreviated(view.text, at, abbreviations):
        return True
    if _word_before(view.text, at).lower() not in abbreviations.before_digit:
        return False
    return view.char(view.skip(_BLANKS, end)).isdigit()


def _is_abbreviated(text: str, at: int, abbreviations: Abbreviations) -> bool:
    """Tell whether the full stop at `at` belongs to an abbreviation, an initial or a list number."""
    word = _word_before(text, at)
    if word.isdigit():
        return _LIST_NUMBER.search(text[max(0, at - 24) : at]) is not None
    initial = len(word) == 1 and word.isalpha() and word != "I" and word < "\u0900"
    return initial or _LETTERS.fullmatch(word) is not None or word.lower() in abbreviations.always


def _word_before(text: str, at: int) -> str:
    head = text[max(0, at - 24) : at]
    return "" if not head or head[-1].isspace() else head.split()[-1].lstrip(_OPENERS)


def _clause(view: PartialText, at: int) -> Boundary | None:
    end = view.skip(_CLOSERS, at + 1)
    if not (view.char(end).isspace() or view.text[at] in _WIDE_CLAUSE_ENDS):
        return None
    before = view.text[max(0, at - 10) : at]
    if _ENTITY.search(before + view.text[at]):
        return None  # &amp;
    if _BEFORE_NUMBER.search(before.rstrip()) and view.char(view.skip(_BLANKS, end)).isdigit():
        return None  # 1, 2 and 3; January 3rd, 2026
    return Boundary(end, "clause")


def _line(view: PartialText, at: int) -> Boundary | None:
    following = view.skip(_BLANKS, at + 1)
    if view.char(following) == "\n":
        return Boundary(at, "paragraph")
    if _begins_item(view, following):
        return Boundary(at, "sentence")
    behind = view.text[max(0, at - LOOKBEHIND) : at]
    line = behind[behind.rfind("\n") + 1 :].lstrip() if "\n" in behind else ""
    if _LINE_FINISHED.search(behind) or _ITEM.match(line):
        return Boundary(at, "sentence")
    return None


def _begins_item(view: PartialText, start: int) -> bool:
    """Tell whether a list item, a heading, a table or a fence begins at `start`."""
    if _ITEM.match(view.text, start):
        return True
    view.skip(_ITEM_BEGUN, start)
    return False
