"""Turns the times of phonemes into the times of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from wyoming_kokoro.model.vocabulary import SOUNDS
from wyoming_kokoro.text.word_timings.alignment import align_words

# Sounds come this long before the frames of their symbols. In 20 sentences, words after a pause began 45 ms before
# their times by the energy of the recording, and all words 80 to 100 ms by Whisper (`tools/measure/word_timings.py`).
# It is shorter in faster speech: by the energy 55 ms at a speed of 0.7, 42 at 1.25 and 27 at 2.
SOUND_LEAD_SECONDS = 0.075
# The model adds a pause to the last sound before it. The end of a word moves to a pause that begins this much earlier.
MAX_PAUSE_SHIFT_SECONDS = 0.4
LENGTH_MARKS = frozenset("ˈˌːʰʲᵊᵝ\u0303↓→↗↘")


@dataclass(frozen=True, slots=True)
class TimedRecording:
    """The phonemes of a recording, and when they sound. Times are seconds of the segment as the model speaks it."""

    phonemes: str
    begin: float
    seconds: float
    times: Sequence[float]
    """When each symbol begins and the last one ends, in seconds of the recording; empty if unknown."""
    pauses: Sequence[tuple[float, float]] = ()
    """The silences between sounds, in seconds of the recording."""
    stretch: float = 1.0
    """How many times as long the audio is that the client gets: the same for all recordings of a segment."""
    speed: float = 1.0
    """The speed at which the model speaks."""

    def symbol_times(self) -> list[tuple[str, float, float]]:
        """Return each symbol with its begin and its end. Unknown durations are all equal."""
        count, lead = len(self.phonemes), SOUND_LEAD_SECONDS / self.speed
        times: Sequence[float] = [self.seconds * i / count + lead for i in range(count + 1)]
        if len(self.times) == count + 1:
            times = self.times
        inside = [self.begin + min(max(0.0, time - lead), self.seconds) for time in times]
        # The recording begins with the first sound, which the model may time a little later.
        inside[0] = self.begin
        return [(symbol, *span) for symbol, span in zip(self.phonemes, pairwise(inside), strict=True)]


def time_words(spoken: Sequence[str], recordings: Sequence[TimedRecording]) -> list[tuple[float, float]]:
    """Return the begin and the end of each word in seconds of the stretched segment, in ascending order.

    `spoken` has the phonemes of each word alone. A word that cannot be found shares the time of the word before it.
    """
    symbols = [symbol for recording in recordings for symbol in [*recording.symbol_times(), _gap_after(recording)]]
    spans = align_words(spoken, "".join(symbol for symbol, _, _ in symbols))
    words = _share_time([_time_sounds(symbols[begin:end]) for begin, end in spans])
    pauses = [(item.begin + begin, item.begin + end) for item in recordings for begin, end in item.pauses]
    stretch = recordings[0].stretch
    return [(begin * stretch, end * stretch) for begin, end in _snap(words, pauses)]


def _gap_after(recording: TimedRecording) -> tuple[str, float, float]:
    end = recording.begin + recording.seconds
    return " ", end, end


def _time_sounds(symbols: Sequence[tuple[str, float, float]]) -> tuple[float, float] | None:
    """Return when the first sound begins and the last one ends, without the pauses of punctuation."""
    sounds = [item for item in symbols if item[0] in SOUNDS | LENGTH_MARKS]
    return (sounds[0][1], sounds[-1][2]) if sounds else None


def _share_time(spans: Sequence[tuple[float, float] | None]) -> list[tuple[float, float]]:
    """Divide the time of each word equally among itself and the untimed words after it."""
    shared: list[tuple[float, float]] = []
    first_timed = next((span for span in spans if span), (0.0, 0.0))
    groups: list[tuple[tuple[float, float], int]] = []
    for span in spans:
        if span or not groups:
            groups.append((span or first_timed, 1))
        else:
            time, count = groups[-1]
            groups[-1] = time, count + 1
    # Words before the first timed one share its time.
    if len(groups) > 1 and spans[0] is None:
        (_, before), (time, count) = groups[0], groups[1]
        groups[:2] = [(time, before + count)]
    for (begin, end), count in groups:
        step = (end - begin) / count
        shared += [(begin + i * step, begin + (i + 1) * step) for i in range(count)]
    return shared


def _snap(words: list[tuple[float, float]], pauses: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Let the pauses of the audio decide where the words around them end and begin."""
    snapped = list(words)
    for pause_begin, pause_end in pauses:
        # The word that ends nearest to the pause.
        at = min(range(len(snapped) - 1), key=lambda i: abs(snapped[i + 1][0] - pause_end), default=None)
        if at is None:
            continue
        (begin, end), (next_begin, next_end) = snapped[at : at + 2]
        is_near = begin < pause_begin and pause_end < next_end and end - pause_begin < MAX_PAUSE_SHIFT_SECONDS
        if is_near and pause_begin <= next_begin + SOUND_LEAD_SECONDS and end <= pause_end + SOUND_LEAD_SECONDS:
            snapped[at : at + 2] = [(begin, pause_begin), (pause_end, next_end)]
    return snapped
