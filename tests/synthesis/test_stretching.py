"""Audio that becomes longer or shorter while its pitch stays."""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_kokoro.api.speech_models import MAX_MODEL_SPEED, MIN_MODEL_SPEED
from wyoming_kokoro.speech.voice_catalog import MAX_SPEED, MIN_SPEED
from wyoming_kokoro.synthesis.stretching import (
    BLOCK,
    Stretcher,
    model_speed,
    sound_fingerprint,
    stretch_factor,
    stretched,
)
from wyoming_kokoro.types import SAMPLE_RATE, Pcm

FACTORS = (stretch_factor(MAX_SPEED), 0.9, 1.7, stretch_factor(MIN_SPEED))
factors = st.floats(min(FACTORS), max(FACTORS))


def stretch(pcm: Pcm, factor: float, cuts: list[int] | None = None) -> Pcm:
    stretcher = Stretcher(factor)
    edges = [0, *sorted(cuts or []), len(pcm)]
    parts = [stretcher.feed(pcm[begin:end]) for begin, end in pairwise(edges)]
    return np.concatenate([*parts, stretcher.finish()])


def tone(hertz: float, seconds: float) -> Pcm:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(np.rint(8000 * np.sin(2 * np.pi * hertz * time)), dtype=np.int16)


def noise(count: int) -> Pcm:
    return np.random.default_rng(1).integers(-9000, 9000, count).astype(np.int16)


def pitch(pcm: Pcm) -> float:
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm)), 1 << 19))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / (1 << 19)


@given(count=st.integers(0, 5000), factor=factors)
def test_length_is_that_of_the_input_times_the_factor(count: int, factor: float) -> None:
    assert abs(len(stretch(noise(count), factor)) - count * factor) <= 2


@given(factor=factors, cuts=st.lists(st.integers(0, 12_000), max_size=20))
@settings(max_examples=30)
def test_cuts_of_the_input_do_not_change_the_output(factor: float, cuts: list[int]) -> None:
    pcm = noise(12_000)
    assert np.array_equal(stretch(pcm, factor, cuts), stretch(pcm, factor))


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("hertz", [80.0, 211.3, 440.0, 1870.0])
def test_tone_keeps_its_pitch_and_its_level(factor: float, hertz: float) -> None:
    pcm = stretch(tone(hertz, 1.0), factor)
    assert pitch(pcm) == pytest.approx(hertz, rel=0.005)
    assert np.std(pcm[2 * BLOCK : -2 * BLOCK].astype(float)) == pytest.approx(8000 / 2**0.5, rel=0.02)


@pytest.mark.parametrize("factor", FACTORS)
def test_sounds_move_with_the_time(factor: float) -> None:
    pcm = np.concatenate([tone(300, 0.3), np.zeros(7200, np.int16)] * 4)
    loud = np.abs(stretch(pcm, factor)) > 1000
    begins = [int(np.argmax(loud[round(start * factor) - 400 :])) - 400 for start in (14_400, 28_800, 43_200)]
    assert all(abs(begin) < 0.02 * SAMPLE_RATE for begin in begins)


def test_silence_stays_silent() -> None:
    assert not stretch(np.zeros(20_000, np.int16), 2.2).any()
    assert len(stretch(np.zeros(0, np.int16), 2.2)) == 0


@pytest.mark.parametrize("factor", FACTORS)
def test_audio_leaves_while_it_arrives(factor: float) -> None:
    assert len(Stretcher(factor).feed(noise(4800))) > factor * 4800 - 2 * BLOCK - factor * 3 * BLOCK


def test_each_unit_of_work_stays_one_and_is_closed() -> None:
    closed = []

    def units() -> Generator[Pcm, None, None]:
        try:
            for _ in range(3):
                yield noise(2000)
        finally:
            closed.append(True)

    assert len(list(stretched(units(), 2.0))) == 4
    assert np.array_equal(np.concatenate(list(stretched(units(), 1.0))), np.concatenate([noise(2000)] * 3))
    begun = stretched(units(), 2.0)
    next(begun)
    begun.close()
    assert len(closed) == 3


def test_only_stretched_audio_has_a_fingerprint_of_its_own() -> None:
    assert sound_fingerprint("model", 1.0) == sound_fingerprint("model", MIN_MODEL_SPEED) == "model"
    assert len({sound_fingerprint("model", speed) for speed in (1.0, MIN_SPEED, MAX_SPEED)}) == 3


@pytest.mark.parametrize(
    ("speed", "expected"),
    [(0.25, 0.7), (0.7, 0.7), (1.0, 1.0), (1.25, 1.25), (1.5, 1.25), (2.0, 1.25), (3.0, 1.875), (4.0, 2.0)],
)
def test_model_speaks_at_a_speed_that_it_masters(speed: float, expected: float) -> None:
    assert model_speed(speed) == expected


@given(st.floats(MIN_SPEED, MAX_SPEED))
def test_model_and_stretching_make_the_speed(speed: float) -> None:
    assert MIN_MODEL_SPEED <= model_speed(speed) <= MAX_MODEL_SPEED
    assert model_speed(speed) / stretch_factor(speed) == pytest.approx(speed)
