"""The contract of `SpeechModel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from wyoming_kokoro.api.speech_models import MAX_MODEL_SPEED, MIN_MODEL_SPEED, SpeechModel
from wyoming_kokoro.types import SAMPLE_RATE, Pcm

__all__ = ["check_speech_model"]

WORD, SENTENCE = "jˈɛs.", "ðə fɹˈʌnt dˈɔɹ ɪz ˈʌnlˌɑkt, ænd ðə lˈIts ɪn ðə lˈɪvɪŋ ɹˈum ɑɹ ˈɔn."
# A unit is at most this long, so that other streams need not wait for it. A distilled model speaks 2 s in 30 ms.
MAX_UNIT_SECONDS = 2.0
# Silence and rounding change how much longer a text at another speed is.
SPEED_TOLERANCE = 0.25
# The first sound may begin before its symbol, and the last symbol is often followed by trimmed silence.
MAX_TIME_EXCESS_SECONDS = 1.0


def check_speech_model(model: SpeechModel, max_unit_seconds: float | None = MAX_UNIT_SECONDS) -> None:
    """Check everything that `SpeechModel` promises, then close `model`, which must be closed before.

    `max_unit_seconds` is the longest speech of one unit; None for a model that cannot divide a segment. Raises
    `AssertionError` with the broken promise.
    """
    contract = SpeechModelContract(model, max_unit_seconds)
    contract.check_properties()
    fingerprint = model.fingerprint
    model.open()
    try:
        if model.fingerprint != fingerprint:
            contract.fail("changes its fingerprint when it opens; cached phrases would be lost at each start")
        contract.check_speech()
        contract.check_speed()
        contract.check_times()
        contract.check_abandoned_synthesis()
        contract.check_interleaved_syntheses()
        contract.check_unknown_voice_raises()
        if model.fingerprint != fingerprint:
            contract.fail("changes its fingerprint when it speaks")
    finally:
        model.close()
    try:
        model.close()
    except Exception as error:  # noqa: BLE001 a model may raise anything
        contract.fail(f"cannot be closed twice: {error!r}")


class SpeechModelContract:
    """Checks one open model with its first voice."""

    def __init__(self, model: SpeechModel, max_unit_seconds: float | None) -> None:
        self._model = model
        self._max_unit_seconds = max_unit_seconds
        self._voice = min(model.voices, default="")

    def check_properties(self) -> None:
        """Read the properties of the closed model."""
        if not isinstance(self._model, SpeechModel):
            self.fail("lacks a property or a method of SpeechModel")
        if not (self._model.name and self._model.fingerprint and self._model.voices and self._model.languages):
            self.fail("has an empty name, fingerprint, list of voices or list of languages")
        if self._model.quality not in ("full", "distilled"):
            self.fail(f"has the unknown quality {self._model.quality!r}")

    def check_speech(self) -> None:
        """Speak a word and a sentence twice."""
        word, sentence = self._speak(WORD), self._speak(SENTENCE)
        if not len(word) < len(sentence):
            self.fail("speaks a sentence in less time than a word")
        if not np.abs(sentence).max() > 0:
            self.fail("is silent")
        if not np.array_equal(self._speak(SENTENCE), sentence):
            self.fail("gives other samples for the same arguments; seed its noise by the phonemes")

    def check_speed(self) -> None:
        """Compare the lengths at the lowest and the highest speed with that at speed 1."""
        length = len(self._speak(SENTENCE))
        for speed in (MIN_MODEL_SPEED, MAX_MODEL_SPEED):
            ratio, expected = len(self._speak(SENTENCE, speed)) / length, 1 / speed
            if not abs(ratio - expected) <= SPEED_TOLERANCE:
                self.fail(f"takes {ratio:.2f} of the time at speed {speed:g} instead of about {expected:.2f}")

    def check_times(self) -> None:
        """Compare the times of the symbols with the samples."""
        for speed in (MIN_MODEL_SPEED, 1.0, MAX_MODEL_SPEED):
            times = self._time(SENTENCE, speed)
            if not times:
                continue
            if len(times) != len(SENTENCE) + 1:
                self.fail(
                    f"returns {len(times)} times for {len(SENTENCE)} symbols; return one more than there are symbols"
                )
            if list(times) != sorted(times):
                self.fail("returns times that are not in ascending order")
            excess = times[-1] - len(self._speak(SENTENCE, speed)) / SAMPLE_RATE
            if not abs(excess) <= MAX_TIME_EXCESS_SECONDS or not abs(times[0]) <= MAX_TIME_EXCESS_SECONDS:
                self.fail(f"times a sentence from {times[0]:.2f} s to {excess:+.2f} s after its end")

    def check_abandoned_synthesis(self) -> None:
        """Close a synthesis after its first unit, as for a client that leaves."""
        expected = self._speak(WORD)
        units = self._model.synthesize(SENTENCE, self._voice, 1.0)
        next(units)
        units.close()
        if not np.array_equal(self._speak(WORD), expected):
            self.fail("speaks differently after a synthesis that was closed early")

    def check_interleaved_syntheses(self) -> None:
        """Run the units of two syntheses in turns, as for two clients."""
        expected = self._speak(SENTENCE)
        first, second = (self._model.synthesize(SENTENCE, self._voice, 1.0) for _ in range(2))
        chunks: tuple[list[Pcm], list[Pcm]] = ([], [])
        for pair in zip(first, second, strict=True):
            for chunk, collected in zip(pair, chunks, strict=True):
                collected.append(chunk)
        if not all(np.array_equal(np.concatenate(collected), expected) for collected in chunks):
            self.fail("speaks differently if the units of another synthesis run between its own")

    def check_unknown_voice_raises(self) -> None:
        """Speak with a voice that does not exist."""
        try:
            list(self._model.synthesize(WORD, "no voice has this name", 1.0))
        except Exception:  # noqa: BLE001 a model may raise anything
            return
        self.fail("speaks with a voice that it does not have; it must raise an exception")

    def fail(self, problem: str) -> NoReturn:
        """Raise `AssertionError`."""
        raise AssertionError(f"the speech model {self._model.name} {problem}")

    def _time(self, phonemes: str, speed: float) -> Sequence[float]:
        units = self._model.time_phonemes(phonemes, self._voice, speed)
        while True:
            try:
                if len(next(units)):
                    self.fail("yields samples in time_phonemes")
            except StopIteration as result:
                times: Sequence[float] = result.value
                return times

    def _speak(self, phonemes: str, speed: float = 1.0) -> Pcm:
        """Return the whole segment after all checks of its units."""
        units: list[Pcm] = []
        for unit in self._model.synthesize(phonemes, self._voice, speed):
            if not isinstance(unit, np.ndarray) or unit.dtype != np.int16 or unit.ndim != 1:
                kind = getattr(unit, "dtype", type(unit).__name__)
                self.fail(f"yields {kind} with {getattr(unit, 'ndim', 0)} axes instead of a flat int16 array")
            units.append(unit.copy())
            if self._max_unit_seconds and len(unit) > self._max_unit_seconds * SAMPLE_RATE:
                self.fail(f"yields {len(unit) / SAMPLE_RATE:.1f} s in one unit; yield shorter windows")
        pcm = np.concatenate(units) if units else np.zeros(0, dtype=np.int16)
        if not len(pcm):
            self.fail(f"yields no samples for {phonemes!r}")
        return pcm
