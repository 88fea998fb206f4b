from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.types import Samples

pytestmark = pytest.mark.model

PHRASES = {"af_heart": "tˈaɪmɚ kˈænsəld.", "bf_emma": "ɡˈʊd mˈɔːnɪŋ, ðə kˈɒfi ɪz ɹˈɛdi."}
MAX_ERROR = 1e-3
"""Of full scale; the measured error is 2e-6."""


def decode_whole(
    stages: ModelPipeline, voice: str, phonemes: str, speed: float = 1.0
) -> tuple[Prosody, Samples, Samples]:
    """Return the prosody of an utterance, its frames, and its samples decoded in one pass."""
    prosody = stages.predict_prosody(phonemes, builtin_styles().row(voice, len(phonemes)), speed)
    frames = stages.decode_frames(prosody)
    return prosody, frames, InverseStft().feed(stages.decode_whole(prosody, frames)[0])


def decode_windows(stages: ModelPipeline, prosody: Prosody, frames: Samples, sizes: list[int]) -> Samples:
    """Return the samples decoded in windows of `sizes`, the last size repeated."""
    _, mean, variance = stages.decode_whole(prosody, frames)
    stream = stages.start_vocoder(prosody, (mean, variance), 0)
    frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")
    chunks: list[Samples] = []
    position = 0
    while position < frames.shape[1]:
        size = sizes[min(len(chunks), len(sizes) - 1)]
        chunks.append(stream.feed(frames[:, position : position + size]))
        position += size
    return np.concatenate(chunks)


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
    prosody, frames, whole = decode_whole(stages, voice, PHRASES[voice])
    windowed = decode_windows(stages, prosody, frames, sizes)
    assert len(windowed) >= len(whole)
    assert np.abs(whole).max() > 0.1
    assert np.abs(windowed[: len(whole)] - whole).max() < MAX_ERROR


@pytest.mark.slow
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=12).map(lambda sizes: [12 + sizes[0], *sizes]))
def test_any_windows_equal_the_whole(stages: ModelPipeline, sizes: list[int]) -> None:
    prosody, frames, whole = decode_whole(stages, "af_heart", "jˈɛs.", 1.3)
    windowed = decode_windows(stages, prosody, frames, sizes)
    assert np.abs(windowed[: len(whole)] - whole).max() < MAX_ERROR


def test_two_streams_are_independent(stages: ModelPipeline) -> None:
    prosody, frames, whole = decode_whole(stages, "af_heart", PHRASES["af_heart"])
    _, mean, variance = stages.decode_whole(prosody, frames)
    one, other = (stages.start_vocoder(prosody, (mean, variance), 0) for _ in range(2))
    first = one.feed(frames[:, :20])
    late = other.feed(frames[:, :20])
    second = one.feed(frames[:, 20:50])
    np.testing.assert_array_equal(first, late)
    assert np.abs(np.concatenate([first, second]) - whole[: len(first) + len(second)]).max() < MAX_ERROR
