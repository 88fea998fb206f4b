"""Cuts streaming text into segments: sentences, or the first clauses of a sentence while it is still being written."""

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
from wyoming_kokoro.text.open_markup import is_markup_open, is_silent_markup_open

__all__ = ["MAX_CHARACTERS", "Ending", "Segment", "Segmenter"]

MAX_CHARACTERS = 400
"""Text without the end of a sentence is cut after this many characters."""

# All but a no-break or thin space between digits, which may separate thousands. Text filters join the digits.
_SPACES_TO_SHORTEN = re.compile(r"(?!(?<=\d)[\u00a0\u2007\u2009\u202f]\d)\s+")
_SPACES = re.compile(r"\s*")
# The longest run of words that ends between two plain words, else at any space: `21 °C` stays whole.
_WORDS = re.compile(r".*[^\W\d_]{2}(?=\s+[^\W\d_]{2})|.*(?=\s)", re.DOTALL)
_INTRODUCTION = re.compile(r"[^\W\d_]{2}[:：]$")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’]\w+)?")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that is synthesized at once."""

    text: str
    """Has no space at its ends, and single spaces between words."""
    ending: Ending


@dataclass(frozen=True, slots=True)
class _MinimumLength:
    """The length from which the clauses of an unfinished sentence are a segment. Words or characters suffice."""

    words: int
    characters: int


# The first clause may be shorter, because nothing is playing yet.
_FIRST_CLAUSE = _MinimumLength(words=2, characters=10)
_LATER_CLAUSE = _MinimumLength(words=3, characters=12)


class Segmenter:
    """Cuts streaming text into segments where a speaker would pause.

    The segments keep every character in order, except whitespace. `take_sentence` alone gives the same segments however
    the text is divided into calls of `feed`. The work is linear in the length of the text.
    """

    def __init__(self, language: str = "en-US") -> None:
        """Use the abbreviations and conjunctions of a BCP-47 `language`."""
        self._language = language
        self._abbreviations = abbreviations_for(language)
        self._incoming: list[str] = []
        # Boundaries depend on the text before them, so some of it stays before `_start`. A stream begins with a line.
        self._text = "\n"
        self._start = 1
        self._searched = 1
        self._clause_end = 0
        self._is_complete = False
        self._minimum_length = _FIRST_CLAUSE

    def feed(self, text: str) -> None:
        """Add text. Text after `finish` is ignored."""
        if text and not self._is_complete:
            self._incoming.append(text)

    def finish(self) -> None:
        """End the text. `take_sentence` then returns the rest of it too."""
        self._is_complete = True

    @property
    def is_finished(self) -> bool:
        """Whether the text is complete and all of it is taken."""
        self._join()
        return self._is_complete and self._start == len(self._text)

    def take_sentence(self) -> Segment | None:
        """Return the next sentence whose end is certain, or None.

        A full stop before whitespace is certain, except after an abbreviation, an initial or a list number. Text of
        `MAX_CHARACTERS` without a sentence end is cut, as a clause.
        """
        self._join()
        boundary = self._find_boundary()
        return self._cut(boundary) if boundary else None

    def take_early(self) -> Segment | None:
        """Return the next sentence, or else the beginning of the unfinished one, or None.

        The beginning is its complete clauses, or else its first words. Use this if the client waits for speech.
        """
        return self.take_sentence() or self._take_clauses() or self._take_opening()

    def take_on_pause(self) -> Segment | None:
        """Return the next sentence, or else all pending text if it probably ends a sentence, or None.

        Use this if no text has come for a while. A full stop at the very end is then taken for the end of a sentence.
        """
        return self.take_sentence() or (self._cut(self._end_of_text()) if self._ends_sentence() else None)

    def predict_next(self) -> Segment | None:
        """Return the segment that more text will probably complete, or None. Call it if there is nothing to take.

        It is all pending text, if it probably ends a sentence or introduces a list.
        """
        is_likely = self._ends_sentence() or _INTRODUCTION.search(self._text, self._start)
        return self._segment(self._end_of_text()) if is_likely else None

    def _take_clauses(self) -> Segment | None:
        end = len(self._text) if is_likely_clause_end(self._text) else self._clause_end
        clauses = self._text[self._start : end]
        minimum = self._minimum_length
        if len(clauses) < minimum.characters and len(_WORD.findall(clauses)) < minimum.words:
            return None
        return None if self._is_silent_markup_open(end) else self._cut(Boundary(end, "clause"))

    def _take_opening(self) -> Segment | None:
        split = split_partial(self._text[self._start :], self._language)
        if split is None:
            return None
        end = len(self._text) - len(split.rest)
        if self._is_silent_markup_open(end):
            return None
        self._cut(Boundary(end, "clause"))
        return Segment(_shorten_spaces(split.opening), "clause")

    def _ends_sentence(self) -> bool:
        """Return whether the pending text probably ends a sentence."""
        return (
            self._start < len(self._text)
            and is_likely_sentence_end(self._text, self._abbreviations)
            and not is_markup_open(self._text)
        )

    def _is_silent_markup_open(self, end: int) -> bool:
        return is_silent_markup_open(self._text[:end])

    def _join(self) -> None:
        """Append the incoming text, and forget text that no boundary depends on any more."""
        if self._incoming:
            forgotten = max(0, self._start - LOOKBEHIND)
            self._text = self._text[forgotten:] + "".join(self._incoming)
            self._incoming.clear()
            self._start -= forgotten
            self._searched -= forgotten
            self._clause_end = max(0, self._clause_end - forgotten)
            self._skip_spaces()

    def _find_boundary(self) -> Boundary | None:
        """Return the end of the next sentence, or of a clause if the sentence is too long."""
        partial = PartialText(self._text, self._is_complete)
        limit = self._start + MAX_CHARACTERS
        while candidate := CANDIDATE.search(self._text, self._searched, limit + LOOKBEHIND):
            if candidate.start() >= limit:
                break
            try:
                boundary = resolve_boundary(partial, candidate.start(), candidate.end(), self._abbreviations)
            except Undecided:
                self._searched = candidate.start()
                return None
            self._searched = candidate.end()
            if boundary and boundary.ending != "clause":
                return boundary
            self._clause_end = boundary.end if boundary else self._clause_end
        self._searched = min(limit, len(self._text))
        if len(self._text) > limit:
            return self._cut_overlong(limit)
        return self._end_of_text() if self._is_complete and self._start < len(self._text) else None

    def _cut_overlong(self, limit: int) -> Boundary:
        """Return the last clause end in the second half before `limit`, or else the last place between words."""
        if self._clause_end > limit - MAX_CHARACTERS // 2:
            return Boundary(self._clause_end, "clause")
        words = _WORDS.match(self._text, self._start, limit + 1)
        return Boundary(words.end() if words else limit, "clause")

    def _end_of_text(self) -> Boundary:
        return Boundary(len(self._text), "sentence")

    def _cut(self, boundary: Boundary) -> Segment:
        segment = self._segment(boundary)
        self._start = boundary.end
        self._minimum_length = _LATER_CLAUSE
        self._skip_spaces()
        return segment

    def _segment(self, boundary: Boundary) -> Segment:
        return Segment(_shorten_spaces(self._text[self._start : boundary.end]), boundary.ending)

    def _skip_spaces(self) -> None:
        spaces = _SPACES.match(self._text, self._start)
        self._start = spaces.end() if spaces else self._start
        self._searched = max(self._searched, self._start)


def _shorten_spaces(text: str) -> str:
    return _SPACES_TO_SHORTEN.sub(" ", text).strip()
