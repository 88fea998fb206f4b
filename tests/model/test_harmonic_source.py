"""The harmonic source, and the inverse transform from spectra to samples."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wyoming_kokoro.model.harmonic_source import HARMONICS, HOPS_PER_FRAME, HarmonicMix, HarmonicSource
from wyoming_kokoro.model.istft import BINS, InverseStft

MIX = HarmonicMix(np.linspace(-0.5, 0.5, HARMONICS), -0.03)


def pitches(seed: int, frames: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    numbers = np.random.default_rng(seed)
    return np.where(numbers.random(frames) < 0.3, 0, numbers.uniform(80, 300, frames)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), frames=st.integers(2, 30), data=st.data())
def test_part_of_the_source_equals_the_same_part_of_the_whole(seed: int, frames: int, data: st.DataObject) -> None:
    source = HarmonicSource(pitches(seed, frames), MIX)
    begin = data.draw(st.integers(0, frames - 1))
    end = data.draw(st.integers(begin + 1, frames))
    whole = source.spectrum(0, frames)
    part = source.spectrum(begin, end)
    assert part.shape == (1, 2 * BINS, HOPS_PER_FRAME * (end - begin))
    np.testing.assert_allclose(part, whole[:, :, begin * HOPS_PER_FRAME : end * HOPS_PER_FRAME], atol=1e-5)


def test_constant_pitch_is_a_constant_tone() -> None:
    source = HarmonicSource(np.full(40, 1200.0, dtype=np.float32), HarmonicMix(np.eye(HARMONICS)[0], 0.0))
    spectrum = source.spectrum(10, 30)[0]
    assert spectrum[:BINS].sum(axis=1).argmax() == 1  # bin 1 is 1200 Hz
    advance = np.diff(np.unwrap(spectrum[BINS + 1]))
    np.testing.assert_allclose(advance, 2 * np.pi * 1200 * 5 / 24_000, atol=1e-2)


def test_unvoiced_source_is_constant() -> None:
    spectrum = HarmonicSource(np.zeros(20, dtype=np.float32), MIX).spectrum(5, 15)[0]
    assert np.ptp(spectrum, axis=1).max() < 1e-6


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_inverse_does_not_depend_on_how_the_spectrum_is_split(sizes: list[int], seed: int) -> None:
    spectrum = np.random.default_rng(seed).normal(size=(2 * BINS, sum(sizes))).astype(np.float32)
    inverse, ends = InverseStft(), np.cumsum(sizes)
    parts = [inverse.feed(part) for part in np.split(spectrum, ends[:-1], axis=1)]
    np.testing.assert_allclose(np.concatenate(parts), InverseStft().feed(spectrum), atol=1e-5)


def test_inverse_equals_plain_overlap_add() -> None:
    spectrum = np.random.default_rng(5).normal(size=(2 * BINS, 50)).astype(np.float32)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(20) / 20)
    total, weight = np.zeros(5 * 50 + 15), np.zeros(5 * 50 + 15)
    for hop, column in enumerate(spectrum.T):
        bins = np.exp(column[:BINS]) * np.exp(1j * np.sin(column[BINS:]))
        total[5 * hop : 5 * hop + 20] += window * np.fft.irfft(bins, n=20)
        weight[5 * hop : 5 * hop + 20] += window**2
    samples = InverseStft().feed(spectrum)
    assert len(samples) == 5 * (50 - 2)
    # The first hops have no windows before them. An utterance begins with silence, so this is inaudible.
    complete = slice(15, 10 + len(samples))
    np.testing.assert_allclose(samples[5:], total[complete] / weight[complete], atol=1e-5)
