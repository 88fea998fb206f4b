from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wyoming_kokoro.pcm import FADE_SAMPLES, FULL_SCALE, SegmentFade, amplify, silence, to_pcm

chunks = st.lists(hnp.arrays(np.int16, st.integers(0, 400)), max_size=8)


@given(hnp.arrays(np.float32, st.integers(0, 50), elements=st.floats(-4, 4, width=32)))
def test_conversion_limits_to_full_scale(samples: np.ndarray) -> None:
    """Samples beyond full scale are limited, the others are rounded to within half a step."""
    pcm = to_pcm(samples)
    assert np.abs(pcm / FULL_SCALE - np.clip(samples, -1, 1)).max(initial=0) <= 0.5 / FULL_SCALE + 1e-6


@given(chunks)
def test_edges_change_only_the_ends(parts: list[np.ndarray]) -> None:
    """However a segment is cut into chunks, only its first and last 3 ms are changed."""
    edges = SegmentFade()
    out = np.concatenate([*(edges.feed(part) for part in parts), edges.finish()])
    whole = np.concatenate([np.zeros(0, np.int16), *parts])
    assert len(out) == len(whole)
    inner = slice(FADE_SAMPLES, max(FADE_SAMPLES, len(whole) - FADE_SAMPLES))
    assert (out[inner] == whole[inner]).all()


def test_edges_begin_and_end_in_silence() -> None:
    """A segment that starts and ends at full level is faded, so that it cannot click."""
    edges = SegmentFade()
    loud = np.full(1_000, 20_000, np.int16)
    out = np.concatenate([edges.feed(loud), edges.feed(loud), edges.finish()])
    assert out[0] == 0
    assert abs(int(out[-1])) < 20_000 / FADE_SAMPLES * 2
    assert np.abs(np.diff(out.astype(int))).max() <= 20_000 / FADE_SAMPLES + 1


def test_gain_limits() -> None:
    """A gain beyond full scale limits instead of wrapping round."""
    assert amplify(np.array([30_000, -30_000, 100], np.int16), 2.0).tolist() == [FULL_SCALE, -FULL_SCALE, 200]


def test_silence_has_the_asked_length() -> None:
    """100 ms are 2,400 samples."""
    assert len(silence(100)) == 2_400
