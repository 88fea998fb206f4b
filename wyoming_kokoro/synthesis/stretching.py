"""Speech at any speed: the model speaks at a speed that it masters, and its audio is made longer or shorter.

WSOLA (waveform similarity overlap-add, Verhelst and Roelands 1993) keeps the pitch. The output consists of blocks. Each
block fades from the audio that follows the last block to a similar piece near the place where the input should be.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing

import numpy as np

from wyoming_kokoro.api.speech_models import MAX_MODEL_SPEED, MIN_MODEL_SPEED
from wyoming_kokoro.types import SAMPLE_RATE, Pcm, Samples

REVISION = 1
"""Raise this when stretched audio sounds different."""
MAX_CLEAR_SPEED, MIN_CLEAR_FACTOR = 1.25, 0.625
"""Up to a speed of 2, Whisper understands audio of this model speed best (`docs/voices.md`). Above, both are faster."""
BLOCK = SAMPLE_RATE * 15 // 1000
"""The samples of a block, 15 ms: one period of the lowest voices."""
SEARCH = SAMPLE_RATE * 8 // 1000
"""How far the similar piece may be from its place, in samples. The range of both directions has a period, too."""
MIN_ENERGY = float(BLOCK)
"""The energy of a block of silence, which is no better than any other."""


def model_speed(speed: float) -> float:
    """Return the speed at which the model speaks for audio at `speed`."""
    fast = max(MAX_CLEAR_SPEED, MIN_CLEAR_FACTOR * speed)
    return min(MAX_MODEL_SPEED, max(MIN_MODEL_SPEED, min(speed, fast)))


def stretch_factor(speed: float) -> float:
    """Return how many times as long as the model's audio the audio at `speed` is."""
    return model_speed(speed) / speed


def sound_fingerprint(fingerprint: str, speed: float) -> str:
    """Return the fingerprint of audio at `speed` by the model with this `fingerprint`."""
    is_stretched = stretch_factor(speed) != 1.0
    return f"{fingerprint} stretched{REVISION} {model_speed(speed):g}" if is_stretched else fingerprint


def stretched(chunks: Generator[Pcm, None, None], factor: float) -> Generator[Pcm, None, None]:
    """Yield `chunks` `factor` times as long: one for each of them, then the rest."""
    if factor == 1.0:
        yield from chunks
        return
    stretcher = Stretcher(factor)
    with closing(chunks):
        for chunk in chunks:
            yield stretcher.feed(chunk)
    yield stretcher.finish()


class Stretcher:
    """Makes audio `factor` times as long while it arrives."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._input_needed = max(SEARCH + BLOCK, math.ceil(BLOCK / factor))
        self._input = np.zeros(0, dtype=np.float32)
        self._dropped = 0
        """The samples before `_input`."""
        self._received = 0
        self._blocks = 0
        self._next = 0
        """The input that follows the last block."""

    def feed(self, pcm: Pcm) -> Pcm:
        """Add `pcm` and return the blocks that are complete."""
        self._received += len(pcm)
        return self._append(pcm.astype(np.float32))

    def finish(self) -> Pcm:
        """Return the rest."""
        missing = round(self._received * self._factor) - self._blocks * BLOCK
        return self._append(np.zeros(2 * BLOCK + self._input_needed, dtype=np.float32))[: max(0, missing)]

    def _append(self, samples: Samples) -> Pcm:
        self._input = np.concatenate([self._input, samples])
        end = self._dropped + len(self._input)
        blocks = [np.zeros(0, dtype=np.float32)]
        while max(self._next + BLOCK, self._place() + self._input_needed) <= end:
            blocks.append(self._block())
        first = min(self._next, max(0, self._place() - SEARCH))
        self._input = self._input[first - self._dropped :]
        self._dropped = first
        return np.asarray(np.rint(np.concatenate(blocks)), dtype=np.int16)

    def _place(self) -> int:
        """Return the input that belongs to the next block."""
        return round(self._blocks * BLOCK / self._factor)

    def _block(self) -> Samples:
        following = self._piece(self._next)
        first = max(0, self._place() - SEARCH)
        begin = first + _most_similar(following, self._piece(first, self._place() + SEARCH + BLOCK))
        self._next = begin + BLOCK
        self._blocks += 1
        return following + (self._piece(begin) - following) * _FADE

    def _piece(self, begin: int, end: int = 0) -> Samples:
        """Return the input from `begin` to `end`, or one block of it."""
        return self._input[begin - self._dropped : (end or begin + BLOCK) - self._dropped]


def _most_similar(piece: Samples, samples: Samples) -> int:
    """Return where `samples` are most similar to `piece`, by the normalized cross-correlation."""
    energy = np.cumsum(np.concatenate([[0.0], samples.astype(np.float64) ** 2]))
    energy = energy[len(piece) :] - energy[: -len(piece)]
    return int(np.argmax(np.correlate(samples, piece, "valid") / np.sqrt(energy + MIN_ENERGY)))


_FADE = (0.5 - 0.5 * np.cos(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)).astype(np.float32)
