from __future__ import annotations

import numpy as np
import pytest

from wyoming_kokoro.errors import SynthesisFailed
from wyoming_kokoro.model.istft import BINS, FFT_SIZE, HOP_SAMPLES, InverseStft


def spectrum_of(log_magnitude: float, hops: int = 40) -> np.ndarray:
    return np.concatenate([np.full((BINS, hops), log_magnitude), np.zeros((BINS, hops))]).astype(np.float32)


@pytest.mark.parametrize("log_magnitude", [3_600.0, 89.0, np.inf, np.nan])
def test_spectrum_of_noise_is_a_failure_without_warnings(log_magnitude: float) -> None:
    """Else the samples are not numbers, and the phrase cache keeps them as silence."""
    with pytest.raises(SynthesisFailed, match="update onnxruntime"):
        InverseStft().feed(spectrum_of(log_magnitude))


@pytest.mark.parametrize("hops", [0, 40])
def test_spectrum_of_loud_speech_is_converted(hops: int) -> None:
    samples = InverseStft().feed(spectrum_of(3.0, hops))
    assert len(samples) == max(0, HOP_SAMPLES * hops - FFT_SIZE // 2)
    assert np.isfinite(samples).all()
