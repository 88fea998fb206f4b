from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hibari import dsp

from wyoming_kokoro import SAMPLE_RATE, Samples
from wyoming_kokoro_distilled.synthesis import BINS, HOP, MAP_NAMES, FloatArray, SpectralSynthesis

FRAME_COUNT = 60
SILENT = -100.0
# The outer frames fade and have no reflected pulses, unlike those of the reference.
INSIDE = slice(4 * HOP, -4 * HOP)
SYNTHESIS = SpectralSynthesis()


def random_maps(*, has_noise: bool) -> tuple[FloatArray, FloatArray]:
    """Return maps [frames, 5, bins] and F0, with voiced and unvoiced frames."""
    generator = np.random.default_rng(3)
    maps = generator.normal(size=(FRAME_COUNT, len(MAP_NAMES), BINS)).astype(np.float32)
    if not has_noise:
        maps[:, MAP_NAMES.index("ln")] = SILENT
    f0 = 180 + 60 * np.sin(np.arange(FRAME_COUNT) / 5)
    f0[20:30] = 0
    return maps, f0.astype(np.float32)


def synthesize(maps: FloatArray, f0: FloatArray, windows: Sequence[int] = (FRAME_COUNT,), seed: int = 1) -> Samples:
    synthesizer = SYNTHESIS.start(f0, seed)
    parts = np.split(maps.reshape(len(maps), -1), np.cumsum(windows)[:-1])
    return np.concatenate([*map(synthesizer.feed, parts), synthesizer.finish()])


def signal_to_noise(signal: Samples, other: Samples) -> float:
    return float(10 * np.log10((signal**2).sum() / ((signal - other) ** 2).sum()))


def test_samples_equal_those_of_the_models_own_package() -> None:
    maps, f0 = random_maps(has_noise=False)
    expected = dsp.synth(*(np.ascontiguousarray(item.T) for item in maps.swapaxes(0, 1)), f0, np.random.default_rng())
    samples = synthesize(maps, f0)
    assert len(samples) == len(expected) == FRAME_COUNT * HOP
    assert signal_to_noise(expected[INSIDE], samples[INSIDE]) > 60


@pytest.mark.parametrize("windows", [[1] * FRAME_COUNT, [16, 32, 12], [3, 1, 56]])
def test_samples_do_not_depend_on_the_windows(windows: list[int]) -> None:
    maps, f0 = random_maps(has_noise=True)
    np.testing.assert_allclose(synthesize(maps, f0, windows), synthesize(maps, f0), atol=1e-5)


def test_noise_depends_on_the_seed_alone() -> None:
    maps, f0 = random_maps(has_noise=True)
    first = synthesize(maps, f0, seed=1)
    np.testing.assert_array_equal(first, synthesize(maps, f0, seed=1))
    assert signal_to_noise(first, synthesize(maps, f0, seed=2)) < 10


def test_noise_has_the_level_of_its_map() -> None:
    maps = np.full((FRAME_COUNT, len(MAP_NAMES), BINS), SILENT, dtype=np.float32)
    maps[:, MAP_NAMES.index("ln")] = 0
    samples = synthesize(maps, np.zeros(FRAME_COUNT, dtype=np.float32))
    expected = dsp.synth(
        *(np.ascontiguousarray(item.T) for item in maps.swapaxes(0, 1)),
        np.zeros(FRAME_COUNT, dtype=np.float32),
        np.random.default_rng(5),
    )
    assert np.std(samples[INSIDE]) == pytest.approx(np.std(expected[INSIDE]), rel=0.05)


def test_voiced_frames_have_all_harmonics_below_the_limit() -> None:
    maps = np.full((FRAME_COUNT, len(MAP_NAMES), BINS), SILENT, dtype=np.float32)
    maps[:, :2] = 0
    samples = synthesize(maps, np.full(FRAME_COUNT, 200, dtype=np.float32))[INSIDE]
    spectrum = np.abs(np.fft.rfft(samples[: SAMPLE_RATE // 2] * np.hanning(SAMPLE_RATE // 2)))
    harmonics, between = spectrum[100::100], spectrum[50::100]
    assert harmonics[:55].min() > 100 * between[:55].max()
    assert harmonics[56:].max() < harmonics[:55].min() / 100
    assert np.ptp(harmonics[:55]) < 0.02 * harmonics[0]
