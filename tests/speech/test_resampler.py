from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.pcm import FULL_SCALE, to_pcm
from wyoming_kokoro.speech.resampler import DELAY_MS, resample
from wyoming_kokoro.types import SAMPLE_RATE, Array

RATES = (22_050, 16_000, 48_000)
AMPLITUDE = 30_000
# The peak of a tone has this many bins of the Blackman-Harris window on each side.
PEAK_BINS = 6


async def pieces(pcm: bytes, lengths: Sequence[int]) -> AsyncGenerator[bytes, None]:
    """Yield `pcm` in pieces of `lengths` samples, and the remainder."""
    start = 0
    for length in lengths:
        yield pcm[start : start + 2 * length]
        start += 2 * length
    yield pcm[start:]


async def collect(pcm: bytes, rate: int, lengths: Sequence[int] = ()) -> bytes:
    return b"".join([chunk async for chunk in resample(pieces(pcm, lengths), rate)])


def resampled(pcm: bytes, rate: int, lengths: Sequence[int] = ()) -> bytes:
    return asyncio.run(collect(pcm, rate, lengths))


def tone(hertz: float, seconds: float = 1.0) -> bytes:
    time = np.arange(int(SAMPLE_RATE * seconds)) / SAMPLE_RATE
    return to_pcm((AMPLITUDE / FULL_SCALE * np.sin(2 * np.pi * hertz * time)).astype(np.float32)).tobytes()


def spectrum(pcm: bytes) -> Array:
    """Return the level of each frequency in dB relative to the tone, without the ends of the recording."""
    samples = np.frombuffer(pcm, np.int16).astype(float)
    middle = samples[len(samples) // 10 : -len(samples) // 10]
    turns = 2 * np.pi * np.arange(len(middle)) / len(middle)
    window = 0.35875 - 0.48829 * np.cos(turns) + 0.14128 * np.cos(2 * turns) - 0.01168 * np.cos(3 * turns)
    levels = 2 * np.abs(np.fft.rfft(middle * window)) / window.sum() / AMPLITUDE
    return np.asarray(20 * np.log10(np.maximum(levels, 1e-9)))


@pytest.mark.parametrize("rate", RATES)
def test_tone_in_the_passband_keeps_its_level_and_has_no_image(rate: int) -> None:
    """0.9 of the lower Nyquist frequency: 9.9 kHz at 22,050 Hz."""
    for hertz in np.linspace(100, 0.45 * min(rate, SAMPLE_RATE), 12):
        levels = spectrum(resampled(tone(hertz), rate))
        peak = int(levels.argmax())
        assert peak == pytest.approx(hertz / (rate / 2) * (len(levels) - 1), abs=1)
        # The tone lies between two bins, which costs up to 0.8 dB.
        assert levels[peak] == pytest.approx(0.0, abs=0.9)
        levels[max(0, peak - PEAK_BINS) : peak + PEAK_BINS] = -np.inf
        assert levels.max() < -85


@pytest.mark.parametrize("rate", RATES)
def test_passband_is_flat(rate: int) -> None:
    for hertz in np.linspace(100, 0.45 * min(rate, SAMPLE_RATE), 12):
        samples = np.frombuffer(resampled(tone(hertz, 2.0), rate), np.int16).astype(float)
        middle = samples[rate // 4 : -rate // 4]
        level = 20 * np.log10(np.sqrt(2 * np.mean(middle**2)) / AMPLITUDE)
        assert level == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("rate", [22_050, 16_000])
def test_tone_above_the_new_nyquist_frequency_leaves_no_alias(rate: int) -> None:
    for hertz in np.linspace(rate / 2 + 20, SAMPLE_RATE / 2 - 20, 12):
        assert spectrum(resampled(tone(hertz), rate)).max() < -85


@given(
    rate=st.sampled_from(RATES),
    count=st.integers(1, 60_000),
    lengths=st.lists(st.integers(0, 25_000), max_size=20),
    seed=st.integers(0, 99),
)
def test_any_cut_gives_the_same_bytes_of_the_exact_length(rate: int, count: int, lengths: list[int], seed: int) -> None:
    pcm = np.random.default_rng(seed).integers(-32_768, 32_768, count, dtype=np.int16).tobytes()
    whole = resampled(pcm, rate)
    assert resampled(pcm, rate, lengths) == whole
    assert abs(len(whole) // 2 - count * rate / SAMPLE_RATE) <= 0.5


@pytest.mark.parametrize("rate", RATES)
def test_audio_before_and_after_a_chunk_boundary_is_continuous(rate: int) -> None:
    """A click would be a sudden step; the tone changes little from sample to sample."""
    samples = np.frombuffer(resampled(tone(200), rate, [1000] * 20), np.int16).astype(int)
    largest_step = AMPLITUDE * 2 * np.pi * 200 / rate
    assert np.abs(np.diff(samples))[rate // 50 : -rate // 50].max() <= largest_step + 1


@pytest.mark.parametrize("rate", RATES)
async def test_filter_holds_back_no_more_than_its_delay(rate: int) -> None:
    fed_seconds, sent_seconds, held_seconds = 0.0, 0.0, []

    async def milliseconds() -> AsyncGenerator[bytes, None]:
        nonlocal fed_seconds
        for _ in range(500):
            fed_seconds += 0.001
            yield bytes(2 * SAMPLE_RATE // 1000)

    async for chunk in resample(milliseconds(), rate):
        held_seconds.append(fed_seconds - sent_seconds)
        sent_seconds += len(chunk) / 2 / rate
    assert max(held_seconds) * 1000 <= DELAY_MS
    assert sent_seconds == pytest.approx(fed_seconds)


@pytest.mark.parametrize("rate", RATES)
def test_clipped_audio_does_not_wrap_around(rate: int) -> None:
    square = np.repeat(np.array([32_767, -32_768] * 40, np.int16), 60)
    samples = np.frombuffer(resampled(square.tobytes(), rate), np.int16)
    period = rate * 120 / SAMPLE_RATE
    middle = samples[[round((number + 0.25) * period) for number in range(5, 35)]]
    assert (middle > 30_000).all()
