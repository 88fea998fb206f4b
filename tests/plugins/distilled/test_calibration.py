from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from wyoming_kokoro import Samples
from wyoming_kokoro_distilled.calibration import FILE, calibrate, stored_calibration
from wyoming_kokoro_distilled.silence import SPEECH_ENERGY_RATIOS
from wyoming_kokoro_distilled.synthesis import HOP
from wyoming_kokoro_distilled.voice import DistilledVoice

Energy = npt.NDArray[np.float32]


def test_heart_has_the_measured_values(heart: DistilledVoice) -> None:
    assert heart.calibration.energy_ratio == SPEECH_ENERGY_RATIOS[0]
    assert heart.calibration.silence_rms == pytest.approx(0.0011, rel=0.1)


@pytest.mark.parametrize("gain", [0.01, 0.3, 3.0])
def test_silence_is_relative_to_the_level_of_the_voice(heart: DistilledVoice, gain: float) -> None:
    def scaled(tokens: list[int], speed: float) -> tuple[Energy | None, Samples]:
        energy, samples = heart.synthesize_untrimmed(tokens, speed)
        assert energy is not None
        return 7 * energy - 3, np.float32(gain) * samples

    found = calibrate(scaled)
    assert found.silence_rms == pytest.approx(gain * heart.calibration.silence_rms, rel=0.01)
    assert found.energy_ratio == heart.calibration.energy_ratio


def test_noise_of_a_voice_is_silence(heart: DistilledVoice) -> None:
    noise = 3e-3 * np.random.default_rng(0).standard_normal(200_000).astype(np.float32)

    def noisy(tokens: list[int], speed: float) -> tuple[Energy | None, Samples]:
        energy, samples = heart.synthesize_untrimmed(tokens, speed)
        return energy, samples + noise[: len(samples)]

    assert calibrate(noisy).silence_rms == pytest.approx(6e-3, rel=0.2)
    assert calibrate(noisy).energy_ratio == heart.calibration.energy_ratio


@pytest.mark.parametrize(("edge_energy", "ratio"), [(0.5, 0.25), (0.2, 0.15), (0.1, 0.05), (0.01, 0.0)])
def test_lower_ratio_is_used_where_sound_would_be_cut_off(edge_energy: float, ratio: float) -> None:
    """The sound begins and ends with ten frames that are audible but of low energy."""
    energy = np.repeat(np.array([0, edge_energy, 1, edge_energy, 0], dtype=np.float32), 20)
    samples = np.repeat(np.where(energy > 0, 0.1, 0).astype(np.float32), HOP)
    assert calibrate(lambda tokens, speed: (energy, samples)).energy_ratio == ratio


def test_graph_without_energy_has_a_level_only(tmp_path: Path) -> None:
    samples = np.full(100 * HOP, 0.5, dtype=np.float32)
    samples[: 50 * HOP] = 0
    found = stored_calibration(tmp_path, lambda tokens, speed: (None, samples))
    assert found.silence_rms == pytest.approx(0.005)
    assert found.energy_ratio == SPEECH_ENERGY_RATIOS[0]


@pytest.mark.parametrize("content", [None, "{", '{"level": 1}'])
def test_calibration_is_measured_once(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    calls = []

    def synthesize(tokens: list[int], speed: float) -> tuple[None, Samples]:
        calls.append(speed)
        return None, np.full(100 * HOP, 0.5, dtype=np.float32)

    first = stored_calibration(tmp_path, synthesize)
    count = len(calls)
    assert stored_calibration(tmp_path, synthesize) == first
    assert len(calls) == count > 0
