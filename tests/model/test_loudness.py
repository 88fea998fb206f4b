from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.model.builtin import builtin_loudness, builtin_styles
from wyoming_kokoro.model.loudness import REFERENCE_LUFS, Loudness
from wyoming_kokoro.model.styles import MAX_PHONEMES, STYLE_WIDTH, Styles


def test_all_builtin_voices_were_measured() -> None:
    loudness = builtin_loudness()
    gains = {name: loudness.gain(name) for name in builtin_styles().names}
    assert [name for name, gain in gains.items() if gain == 1.0] == []
    assert 0.4 < min(gains.values()) < max(gains.values()) < 2.5


def test_gain_brings_a_voice_to_the_reference() -> None:
    loudness = Loudness({"soft": REFERENCE_LUFS - 20, "loud": REFERENCE_LUFS + 20, "right": REFERENCE_LUFS})
    assert loudness.gain("soft") == pytest.approx(10)
    assert loudness.gain("loud") == pytest.approx(0.1)
    assert loudness.gain("right") == pytest.approx(1)
    assert loudness.gain("unknown") == 1.0


def test_gain_of_a_blend_is_between_those_of_its_voices() -> None:
    loudness = Loudness({"soft": REFERENCE_LUFS - 20, "loud": REFERENCE_LUFS + 20})
    assert loudness.gain("loud+soft") == pytest.approx(1)
    assert loudness.gain("loud*3+soft") == pytest.approx(10**-0.5)
    assert loudness.gain("loud+unknown") == 1.0


def test_voice_that_replaces_a_builtin_voice_is_not_measured(tmp_path: Path) -> None:
    file = tmp_path / "voices-v1.0.bin"
    replacement = builtin_styles().all("bf_emma")[:, None, :]
    with file.open("wb") as stream:
        np.savez(
            stream,
            af_heart=replacement,
            bf_emma=replacement,
            af_new=np.zeros((MAX_PHONEMES, 1, STYLE_WIDTH), dtype=np.float32),
        )
    loudness = builtin_loudness(Styles.from_file(file))
    assert loudness.gain("bf_emma") == builtin_loudness().gain("bf_emma")
    assert loudness.gain("af_heart") == loudness.gain("af_new") == 1.0
