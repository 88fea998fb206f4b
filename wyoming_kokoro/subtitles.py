"""Writes word timings as JSON, SRT and WebVTT.

It may import `api`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from wyoming_kokoro.api.speech_models import WordTiming

# Two lines of subtitles on television, and the longest time that they stay.
MAX_CUE_CHARACTERS = 84
MAX_CUE_SECONDS = 6.0
# A pause of this length begins a new cue.
MIN_PAUSE_SECONDS = 0.6
SENTENCE_ENDS = tuple(".!?…。！？।")


def format_json(words: Sequence[WordTiming]) -> str:
    """Return a list of objects with `word`, `start_time` and `end_time`."""
    return json.dumps([json_word(word) for word in words], ensure_ascii=False, indent=1) + "\n"


def json_word(word: WordTiming) -> dict[str, str | float]:
    """Return a word as the speech APIs of other servers do, in milliseconds."""
    return {"word": word.word, "start_time": round(word.start, 3), "end_time": round(word.end, 3)}


def format_srt(words: Sequence[WordTiming]) -> str:
    """Return SubRip subtitles."""
    cues = []
    for number, cue in enumerate(split_cues(words), 1):
        text = " ".join(word.word for word in cue)
        cues.append(f"{number}\n{_clock(cue[0].start, ',')} --> {_clock(cue[-1].end, ',')}\n{text}\n")
    return "\n".join(cues)


def format_vtt(words: Sequence[WordTiming]) -> str:
    """Return WebVTT subtitles with the time of each word, which players use to highlight it."""
    cues = ["WEBVTT\n"]
    for cue in split_cues(words):
        later = (f"<{_clock(word.start, '.')}>{html.escape(word.word, quote=False)}" for word in cue[1:])
        text = " ".join([html.escape(cue[0].word, quote=False), *later])
        cues.append(f"{_clock(cue[0].start, '.')} --> {_clock(cue[-1].end, '.')}\n{text}\n")
    return "\n".join(cues)


FORMATS: Mapping[str, Callable[[Sequence[WordTiming]], str]] = MappingProxyType(
    {".json": format_json, ".srt": format_srt, ".vtt": format_vtt}
)
"""The formats by file extension."""


def split_cues(words: Iterable[WordTiming]) -> Iterator[Sequence[WordTiming]]:
    """Yield groups of words that are shown together: a sentence, or less of a long one."""
    cue: list[WordTiming] = []
    for word in words:
        if cue and _is_new_cue(cue, word):
            yield cue
            cue = []
        cue.append(word)
    if cue:
        yield cue


def _is_new_cue(cue: Sequence[WordTiming], word: WordTiming) -> bool:
    characters = sum(len(item.word) + 1 for item in cue) + len(word.word)
    return (
        cue[-1].word.endswith(SENTENCE_ENDS)
        or characters > MAX_CUE_CHARACTERS
        or word.end - cue[0].start > MAX_CUE_SECONDS
        or word.start - cue[-1].end > MIN_PAUSE_SECONDS
    )


def _clock(seconds: float, separator: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}{separator}{milliseconds % 1000:03}"
