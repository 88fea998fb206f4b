"""Streamed text becomes segments: pieces that can be spoken one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wyoming_kokoro.text.abbreviations import abbreviations_for
from wyoming_kokoro.text.boundaries import (
    CANDIDATE,
    LOOKBEHIND,
    Boundary,
    Ending,
    PartialText,
    Undecided,
    is_likely_clause_end,
    is_likely_sentence_end,
    resolve_boundary,
)
from wyoming_kokoro.text.early_split import split_partial

__all__ = ["MAX_CHARACTERS", "Ending", "Segment", "Segmenter"]

MAX_CHARACTERS = 400
"""A sentence is cut at a word when it is longer than this."""

_SPACES = re.compile(r"\s*")
_WORDS = re.compile(r".*[^\W\d_]{2}(?=\s+[^\W\d_]{2})|.*(?=\s)", re.DOTALL)
"""As many words as there are, up to a place between two plain ones if there is one: not between `21` and `°C`."""
_INTRODUCTION = re.compile(r"[^\W\d_]{2}[:：]$")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’]\w+)?")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text and what it ends."""

    text: str
    """Without spaces at its ends; every run of whitespace within is one space."""
    ending: Ending


@dataclass(frozen=True, slots=True)
class _Worth:
    """What a run of clauses must have to be spoken before its sentence is complete: either is enough."""

    words: int
    characters: int


_FIRST = _Worth(words=2, characters=10)
_LATER = _Worth(words=3, characters=12)


class Segmenter:
    """Cuts streamed text where a speaker would pause. Text goes in as it comes; segments are pulled.

    With `take` alone, the segments do not depend on how the text was cut into pieces. No call loses, repeats
    or reorders anything but whitespace. The work is linear in the length of the text.
    """

    def __init__(self, language: str = "en-US") -> None:
        """`language` (BCP-47) chooses the abbreviations."""
        self._language = language
        self._abbreviations = abbreviations_for(language)
        self._incoming: list[str] = []
        self._text = "\n"  # a stream begins at the beginning of a line
        self._start = 1  # what comes before is taken, and kept only to look back at
        self._scanned = 1  # where the search for boundaries goes on
        self._clause_end = 0  # behind the last complete clause, if that is behind _start
        self._complete = False
        self._worth = _FIRST

    def feed(self, text: str) -> None:
        """Add text. What comes after `finish` is dropped."""
        if text and not self._complete:
            self._incoming.append(text)

    def finish(self) -> None:
        """Say that no more text comes: `take` now gives everything that is left."""
        self._complete = True

    @property
    def is_finished(self) -> bool:
        """Whether `finish` was called and nothing is left to take."""
        self._join()
        return self._complete and self._start == len(self._text)

    def take_sentence(self) -> Segment | None:
        """Return the next sentence whose end is certain, or None.

        A full stop with whitespace behind it is certain at once, unless it belongs to an abbreviation, an
        initial or a list number. Text that goes on for `MAX_CHARACTERS` is cut, as a clause.
        """
        self._join()
        mark = self._next_mark()
        return self._cut(mark) if mark else None

    def take_clause(self) -> Segment | None:
        """Return the next sentence, or else the complete clauses of the unfinished one, or None.

        For when the listener would wait otherwise. Two short words are left to grow; the very first segment
        may be shorter.
        """
        segment = self.take_sentence()
        end = len(self._text) if is_likely_clause_end(self._text) else self._clause_end
        if segment or end <= self._start:
            return segment
        clause = self._text[self._start : end]
        if len(clause) < self._worth.characters and len(_WORD.findall(clause)) < self._worth.words:
            return None
        return self._cut(Boundary(end, "clause"))

    def take_split(self) -> Segment | None:
        """Return the opening of a long sentence that is not complete yet, with a comma behind it, or None.

        For when the listener would wait otherwise, and `take_clause` has just had nothing.
        """
        pending = self._text[self._start :]
        cut = split_partial(pending, self._language)
        if cut is None:
            return None
        self._cut(Boundary(len(self._text) - len(cut.rest), "clause"))
        return Segment(" ".join(cut.opening.split()), "clause")

    def take_on_pause(self) -> Segment | None:
        """Return the next sentence or else all that is pending if it reads as finished, or None.

        For when no text has come for a while: nobody knows whether a full stop at the very end is followed by
        whitespace, but who pauses there has probably ended.
        """
        segment = self.take_sentence()
        if segment or self._start == len(self._text):
            return segment
        if is_likely_sentence_end(self._text, self._abbreviations):
            return self._cut(Boundary(len(self._text), "sentence"))
        return None

    def predict_next(self) -> Segment | None:
        """Return what will most likely be taken when more text comes, of which there was just nothing to take.

        That is all that is pending if it reads as finished, or as what a list follows.
        """
        if self._start == len(self._text):
            return None
        is_likely = is_likely_sentence_end(self._text, self._abbreviations) or _INTRODUCTION.search(self._text)
        return self._segment(Boundary(len(self._text), "sentence")) if is_likely else None

    def _join(self) -> None:
        if self._incoming:
            forgotten = max(0, self._start - LOOKBEHIND)
            self._text = self._text[forgotten:] + "".join(self._incoming)
            self._incoming.clear()
            self._start -= forgotten
            self._scanned -= forgotten
            self._clause_end = max(0, self._clause_end - forgotten)
            self._skip_spaces()

    def _next_mark(self) -> Boundary | None:
        view = PartialText(self._text, self._complete)
        limit = self._start + MAX_CHARACTERS
        while candidate := CANDIDATE.search(self._text, self._scanned, limit + LOOKBEHIND):
            if candidate.start() >= limit:
                break
            try:
                mark = resolve_boundary(view, candidate.start(), candidate.end(), self._abbreviations)
            except Undecided:
                self._scanned = candidate.start()
                return None
            self._scanned = candidate.end()
            if mark and mark.ending != "clause":
                return mark
            self._clause_end = mark.end if mark else self._clause_end
        self._scanned = min(limit, len(self._text))
        return self._overlong(limit) or self._rest()

    def _overlong(self, limit: int) -> Boundary | None:
        if len(self._text) <= limit:
            return None
        if self._clause_end > limit - MAX_CHARACTERS // 2:
            return Boundary(self._clause_end, "clause")
        words = _WORDS.match(self._text, self._start, limit + 1)
        return Boundary(words.end() if words else limit, "clause")

    def _rest(self) -> Boundary | None:
        return Boundary(len(self._text), "sentence") if self._complete and self._start < len(self._text) else None

    def _cut(self, mark: Boundary) -> Segment:
        segment = self._segment(mark)
        self._start = mark.end
        self._worth = _LATER
        self._skip_spaces()
        return segment

    def _segment(self, mark: Boundary) -> Segment:
        return Segment(" ".join(self._text[self._start : mark.end].split()), mark.ending)

    def _skip_spaces(self) -> None:
        spaces = _SPACES.match(self._text, self._start)
        self._start = spaces.end() if spaces else self._start
        self._scanned = max(self._scanned, self._start)
