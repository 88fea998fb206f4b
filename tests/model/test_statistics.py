from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wyoming_kokoro
from tools.data.make_statistics import delta
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.features import FEATURE_COUNT, extract_features
from wyoming_kokoro.model.statistics import Statistics, VoiceMean, from_delta, to_log_space
from wyoming_kokoro.model.styles import MAX_PHONEMES, STYLE_WIDTH, Styles

FILE = Path(wyoming_kokoro.__file__).parent / "data" / "statistics.npz"


@given(seed=st.integers(0, 10_000))
def test_from_delta_inverts_delta(seed: int) -> None:
    numbers = np.random.default_rng(seed)
    base, other = (
        to_log_space(numbers.normal(size=8).astype(np.float32), numbers.uniform(0.01, 4, 8).astype(np.float32))
        for _ in range(2)
    )
    mean, variance = from_delta(base, delta(base, other))
    np.testing.assert_allclose(np.concatenate([mean, np.log(variance)]), other, rtol=1e-3, atol=1e-4)


def test_prediction_is_the_mean_plus_the_mapped_deviation() -> None:
    voice_mean = VoiceMean(np.array([1.0, 2.0], dtype=np.float32), np.array([0.5, 0.0], dtype=np.float32))
    factors = (np.array([[1.0], [0.0]], dtype=np.float32), np.array([[2.0, 1.0]], dtype=np.float32))
    statistics = Statistics({"af_heart": voice_mean}, *factors)
    mean, variance = statistics.predict("af_heart", np.array([2.0, 9.0], dtype=np.float32))
    assert mean == pytest.approx([2.5])
    assert variance == pytest.approx([np.e])


def test_voice_is_added_and_removed() -> None:
    factors = (np.zeros((2, 1), dtype=np.float32), np.zeros((1, 2), dtype=np.float32))
    statistics = Statistics({}, *factors)
    assert not statistics.has("af_mine")
    statistics.add("af_mine", VoiceMean(np.zeros(2, dtype=np.float32), np.array([3.0, 0.0], dtype=np.float32)))
    assert statistics.predict("af_mine", np.ones(2, dtype=np.float32))[0] == pytest.approx([3.0])
    statistics.remove("af_mine")
    assert not statistics.has("af_mine")


def test_blend_is_predicted_from_the_means_of_its_voices() -> None:
    factors = (np.zeros((2, 1), dtype=np.float32), np.zeros((1, 2), dtype=np.float32))
    one, other = (
        VoiceMean(np.full(2, level, dtype=np.float32), np.array([level, 0.0], dtype=np.float32)) for level in (1.0, 4.0)
    )
    statistics = Statistics({"af_one": one}, *factors)
    assert statistics.missing("af_one*2+af_other") == ["af_other"]
    statistics.add("af_other", other)
    assert statistics.missing("af_one*2+af_other") == []
    mean, variance = statistics.predict("af_one*2+af_other", np.ones(2, dtype=np.float32))
    assert mean == pytest.approx([2.0])
    assert variance == pytest.approx([1.0])


def test_all_builtin_voices_have_statistics_in_a_few_megabytes() -> None:
    statistics = builtin_statistics(builtin_styles())
    assert [name for name in builtin_styles().names if not statistics.has(name)] == []
    assert FILE.stat().st_size < 6_000_000


def test_voice_that_replaces_a_builtin_voice_has_no_statistics(tmp_path: Path) -> None:
    file = tmp_path / "voices-v1.0.bin"
    builtin = builtin_styles()
    with file.open("wb") as stream:
        replacement = builtin.all("bf_emma")[:, None, :]
        np.savez(
            stream,
            af_heart=replacement,
            bf_emma=replacement,
            af_new=np.zeros((MAX_PHONEMES, 1, STYLE_WIDTH), dtype=np.float32),
        )
    statistics = builtin_statistics(Styles.from_file(file))
    assert statistics.has("bf_emma")
    assert not statistics.has("af_heart")
    assert not statistics.has("af_new")


def test_features_of_silence_are_finite() -> None:
    for pitch in (np.zeros(10), np.full(10, 200.0)):
        values = extract_features(np.zeros((512, 10), dtype=np.float32), pitch.astype(np.float32))
        assert values.shape == (FEATURE_COUNT,)
        assert np.isfinite(values).all()
