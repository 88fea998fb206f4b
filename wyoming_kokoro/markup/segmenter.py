"""Cuts streaming text into segments that carry their voice."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.text.boundaries import Ending
from wyoming_kokoro.text.ipa.inline import InlineIpa
from wyoming_kokoro.text.segmenter import Segment, Segmenter

_WORD = r"[^\W\u3040-\u30ff\u3400-\u9fff]"
_MARK = r"[.,;:!?…)\]}\"'”’»%°。！？、，；：）」』】》]"
# What belongs to the word, or to the marks, at the end of the text before.
_REST_OF_WORD = re.compile(rf"{_WORD}*(?:['’]{_WORD}+)*{_MARK}*\s*")
_REST_AFTER_APOSTROPHE = re.compile(rf"(?:{_WORD}+(?:['’]{_WORD}+)*)?{_MARK}*\s*")
_REST_OF_MARKS = re.compile(rf"{_MARK}*\s*")
_SPACES = re.compile(r"\s*")
_ENDS_WITH_WORD = re.compile(rf"{_WORD}\Z")
_ENDS_WITH_APOSTROPHE = re.compile(rf"{_WORD}['’]\Z")
_CLAUSE_ENDS = tuple(",;:—–，、；：")
# Embedded IPA is in a private-use area.
_FIRST_PRIVATE_CHARACTER = "\U000f0000"

_ENDINGS: tuple[Ending, ...] = ("word", "clause", "sentence", "paragraph")
"""From the shortest pause to the longest."""

Take = Callable[[Segmenter], Segment | None]


@dataclass(frozen=True, slots=True)
class StyledSegment:
    """A piece of text that is synthesized at once, and how; or only a pause, if `text` is empty."""

    text: str
    style: Style
    ending: Ending
    pause_ms: int | None = None
    """The length of the pause, in place of that of the endings around it."""


class StyledSegmenter:
    """Cuts streaming text into segments where a speaker would pause, and where the style changes.

    A run of text in one style is cut as `Segmenter` cuts it. A style changes at the border of a word. `take_sentence`
    alone gives the same segments however the text is divided into calls of `feed`.
    """

    def __init__(self, style: Style, detect_language: Callable[[str, str], str] | None = None) -> None:
        """`detect_language` returns the language of a sentence, by default its second argument."""
        self._detect_language = detect_language
        self._last = _Run(style)
        self._runs: deque[_Run | StyledSegment] = deque([self._last])
        self._pause: StyledSegment | None = None
        self._is_at_border = False
        self._is_complete = False

    def feed(self, text: str, style: Style) -> None:
        """Add text in `style`. Text after `finish` is ignored."""
        if self._is_complete or not text:
            return
        if self._pause or style != self._last.style:
            text = self._last.feed_rest_of_word(text, is_at_border=self._pause is not None or self._is_at_border)
            if not text:
                return
            self._begin_run(style, is_interrupted=self._pause is None or self._pause.ending in ("word", "clause"))
        self._last.feed(text)
        self._is_at_border = False

    def add_border(self) -> None:
        """Let the next change of style take effect even inside a word."""
        self._is_at_border = True

    def add_pause(self, milliseconds: int) -> None:
        """Add a pause of this length. Pauses without text between them are added up."""
        before = self._pause or StyledSegment("", self._last.style, "word")
        self._pause = replace(before, pause_ms=(before.pause_ms or 0) + milliseconds)

    def add_break(self, ending: Ending) -> None:
        """Add a pause as after a segment with this `ending`. Only the longest one between two texts counts."""
        before = self._pause or StyledSegment("", self._last.style, "word")
        self._pause = replace(before, ending=max(before.ending, ending, key=_ENDINGS.index))

    def finish(self) -> None:
        """End the text. `take_sentence` then returns the rest of it too."""
        if not self._is_complete:
            self._end_run(is_interrupted=False)
            self._is_complete = True

    @property
    def is_finished(self) -> bool:
        """Whether the text is complete and all of it is taken."""
        return self._is_complete and all(isinstance(run, _Run) and run.is_finished for run in self._runs)

    def take_sentence(self) -> StyledSegment | None:
        """Return the next segment whose end is certain, or None."""
        return self._take(Segmenter.take_sentence)

    def take_early(self) -> StyledSegment | None:
        """Return the next sentence, or else the beginning of the unfinished one, or None."""
        # The beginning of a sentence is too short to detect its language.
        return self._take(Segmenter.take_sentence if self._detect_language else Segmenter.take_early)

    def take_on_pause(self) -> StyledSegment | None:
        """Return the next sentence, all pending text if it probably ends a sentence, or a pause after it, or None."""
        segment = self._take(Segmenter.take_on_pause)
        if segment is None and self._pause and not self._is_complete:
            self._begin_run(self._last.style, is_interrupted=False)
            return self.take_sentence()
        return segment

    def predict_next(self) -> StyledSegment | None:
        """Return the segment that more text will probably complete, or None. Call it if there is nothing to take."""
        segment = self._last.segmenter.predict_next() if self._runs and self._runs[0] is self._last else None
        return self._set_language(StyledSegment(segment.text, self._last.style, segment.ending)) if segment else None

    def _begin_run(self, style: Style, *, is_interrupted: bool) -> None:
        self._end_run(is_interrupted=is_interrupted)
        self._last = _Run(style)
        self._runs.append(self._last)

    def _end_run(self, *, is_interrupted: bool) -> None:
        self._last.close(is_interrupted=is_interrupted)
        if self._pause:
            self._runs.append(self._pause)
            self._pause = None

    def _take(self, take: Take) -> StyledSegment | None:
        segment = self._take_next(take)
        return self._set_language(segment) if segment else None

    def _take_next(self, take: Take) -> StyledSegment | None:
        while self._runs:
            head = self._runs[0]
            segment = head.take(take) if isinstance(head, _Run) else head
            if isinstance(head, _Run) and not head.is_finished:
                return segment
            if isinstance(head, StyledSegment) or not segment:
                self._runs.popleft()
            if segment:
                return segment
        return None

    def _set_language(self, segment: StyledSegment) -> StyledSegment:
        """Return `segment` in the language of its text, if it is a sentence and markup does not name the language."""
        style = segment.style
        if not self._detect_language or style.language or segment.ending not in ("sentence", "paragraph"):
            return segment
        return replace(segment, style=style.in_language(self._detect_language(segment.text, style.voice.language)))


class _Run:
    """Text in one style, until the style changes or a pause comes."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.segmenter = Segmenter(style.voice.language)
        self._inline = InlineIpa()
        self._end = ""
        self._line_breaks = 0
        self._is_interrupted = False

    @property
    def is_finished(self) -> bool:
        """Whether the run is closed and all of it is taken."""
        return self.segmenter.is_finished

    def feed(self, text: str) -> None:
        """Add text."""
        self._end = (self._end + text[-2:])[-2:]
        line_breaks = text[len(text.rstrip()) :].count("\n")
        self._line_breaks = line_breaks + (0 if text.strip() else self._line_breaks)
        self.segmenter.feed(self._inline.feed(text))

    def feed_rest_of_word(self, text: str, *, is_at_border: bool) -> str:
        """Add what belongs to the word or the marks at the end of this run; return the rest of `text`."""
        if is_at_border or not self._end or self._end[-1].isspace():
            pattern = _SPACES
        elif _ENDS_WITH_APOSTROPHE.search(self._end):
            pattern = _REST_AFTER_APOSTROPHE
        else:
            pattern = _REST_OF_WORD if _ENDS_WITH_WORD.search(self._end) else _REST_OF_MARKS
        match = pattern.match(text)
        end = match.end() if match else 0
        self.feed(text[:end])
        return text[end:]

    def close(self, *, is_interrupted: bool) -> None:
        """End the run. `is_interrupted`: its last sentence continues in the next run."""
        self.segmenter.feed(self._inline.flush())
        self.segmenter.finish()
        self._is_interrupted = is_interrupted

    def take(self, take: Take) -> StyledSegment | None:
        """Return the next segment, or None."""
        segment = take(self.segmenter)
        if segment is None:
            return None
        text, ending = segment.text, segment.ending
        # A line that ends here continues in the next run, unless a blank line follows.
        is_cut = ending == "sentence" or (ending == "paragraph" and self._line_breaks == 1)
        if is_cut and self._is_interrupted and self.is_finished:
            last = text[-1]
            if last.isalnum() or last >= _FIRST_PRIVATE_CHARACTER:
                # After a comma, the voice does not fall as at the end of a sentence.
                text, ending = f"{text},", "word"
            elif last in _CLAUSE_ENDS:
                ending = "clause"
            else:
                ending = "sentence"
        return StyledSegment(text, self.style, ending)
