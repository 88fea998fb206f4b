from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wyoming_kokoro.pcm import FADE_SAMPLES, FULL_SCALE, RecordingFade, amplify, silence, to_pcm

chunk_lists = st.lists(hnp.arrays(np.int16, st.integers(0, 400)), max_size=8)


@given(hnp.arrays(np.float32, st.integers(0, 50), elements=st.floats(-4, 4, width=32)))
def test_conversion_rounds_and_clips(samples: np.ndarray) -> None:
    pcm = to_pcm(samples)
    assert np.abs(pcm / FULL_SCALE - np.clip(samples, -1, 1)).max(initial=0) <= 0.5 / FULL_SCALE + 1e-6


@given(chunk_lists)
def test_fade_changes_only_the_ends(chunks: list[np.ndarray]) -> None:
    fade = RecordingFade()
    out = np.concatenate([*(fade.feed(chunk) for chunk in chunks), fade.finish()])
    whole = np.concatenate([np.zeros(0, np.int16), *chunks])
    assert len(out) == len(whole)
    inner = slice(FADE_SAMPLES, max(FADE_SAMPLES, len(whole) - FADE_SAMPLES))
    assert (out[inner] == whole[inner]).all()


def test_fade_starts_and_ends_in_silence() -> None:
    fade = RecordingFade()
    loud = np.full(1_000, 20_000, np.int16)
    out = np.concatenate([fade.feed(loud), fade.feed(loud), fade.finish()])
    assert out[0] == 0
    assert abs(int(out[-1])) < 20_000 / FADE_SAMPLES * 2
    assert np.abs(np.diff(out.astype(int))).max() <= 20_000 / FADE_SAMPLES + 1


def test_gain_clips_at_full_scale() -> None:
    assert amplify(np.array([30_000, -30_000, 100], np.int16), 2.0).tolist() == [FULL_SCALE, -FULL_SCALE, 200]


def test_100_ms_of_silence_are_2400_samples() -> None:
    assert len(silence(100)) == 2_400
