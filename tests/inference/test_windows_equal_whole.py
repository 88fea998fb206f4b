from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.synthesis.windows import decode_windows
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.types import Samples

pytestmark = pytest.mark.model

PHRASES = {"af_heart": "tˈaɪmɚ kˈænsəld.", "bf_emma": "ɡˈʊd mˈɔːnɪŋ, ðə kˈɒfi ɪz ɹˈɛdi."}
MAX_ERROR = 1e-3
"""Of full scale; the measured error is 2e-6."""


@dataclass
class WholeUtterance:
    """An utterance, and its samples decoded in one pass."""

    prosody: Prosody
    frames: Samples
    statistics: tuple[Samples, Samples]
    samples: Samples


def decode_whole(stages: ModelPipeline, voice: str, phonemes: str, speed: float = 1.0) -> WholeUtterance:
    prosody = stages.predict_prosody(phonemes, builtin_styles().row(voice, len(phonemes)), speed)
    frames = stages.decode_frames(prosody)
    spectrum, mean, variance = stages.decode_whole(prosody, frames)
    return WholeUtterance(prosody, frames, (mean, variance), InverseStft().feed(spectrum))


def check_windows(stages: ModelPipeline, whole: WholeUtterance, sizes: list[int]) -> None:
    """Assert that the samples in windows of `sizes` equal the whole."""
    windowed = decode_windows(stages, whole.prosody, whole.frames, whole.statistics, sizes)
    assert len(windowed) >= len(whole.samples)
    assert np.abs(windowed[: len(whole.samples)] - whole.samples).max() < MAX_ERROR


@pytest.mark.parametrize(
    ("voice", "sizes"),
    [
        ("af_heart", [12, 5, 40]),
        pytest.param("bf_emma", [16], marks=pytest.mark.slow),
        pytest.param("af_heart", [16], marks=pytest.mark.slow),
        pytest.param("af_heart", [64], marks=pytest.mark.slow),
        pytest.param("bf_emma", [12, 5, 40], marks=pytest.mark.slow),
        pytest.param("bf_emma", [64], marks=pytest.mark.slow),
    ],
)
def test_windows_equal_the_whole(stages: ModelPipeline, voice: str, sizes: list[int]) -> None:
    whole = decode_whole(stages, voice, PHRASES[voice])
    assert np.abs(whole.samples).max() > 0.1
    check_windows(stages, whole, sizes)


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=12).map(lambda sizes: [12 + sizes[0], *sizes]))
def test_any_windows_equal_the_whole(stages: ModelPipeline, sizes: list[int]) -> None:
    check_windows(stages, decode_whole(stages, "af_heart", "jˈɛs.", 1.3), sizes)


def test_two_streams_are_independent(stages: ModelPipeline) -> None:
    whole = decode_whole(stages, "af_heart", PHRASES["af_heart"])
    one, other = (stages.start_vocoder(whole.prosody, whole.statistics, 0) for _ in range(2))
    first = one.feed(whole.frames[:, :20])
    late = other.feed(whole.frames[:, :20])
    second = one.feed(whole.frames[:, 20:50])
    np.testing.assert_array_equal(first, late)
    both = np.concatenate([first, second])
    assert np.abs(both - whole.samples[: len(both)]).max() < MAX_ERROR
