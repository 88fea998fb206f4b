from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.model.builtin import builtin_loudness, builtin_styles
from wyoming_kokoro.model.styles import MAX_PHONEMES, STYLE_WIDTH, Styles
from wyoming_kokoro.speech.voice_catalog import REFERENCE_LUFS, normalizing_gain


def test_all_builtin_voices_were_measured() -> None:
    loudness = builtin_loudness()
    gains = {name: normalizing_gain(name, loudness) for name in builtin_styles().names}
    assert [name for name, gain in gains.items() if gain == 1.0] == []
    assert 0.4 < min(gains.values()) < max(gains.values()) < 2.5


def test_gain_brings_a_voice_to_the_reference() -> None:
    loudness = {"soft": REFERENCE_LUFS - 20, "loud": REFERENCE_LUFS + 20, "right": REFERENCE_LUFS}
    assert normalizing_gain("soft", loudness) == pytest.approx(10)
    assert normalizing_gain("loud", loudness) == pytest.approx(0.1)
    assert normalizing_gain("right", loudness) == pytest.approx(1)
    assert normalizing_gain("unknown", loudness) == 1.0


def test_gain_of_a_blend_is_between_those_of_its_voices() -> None:
    loudness = {"soft": REFERENCE_LUFS - 20, "loud": REFERENCE_LUFS + 20}
    assert normalizing_gain("loud+soft", loudness) == pytest.approx(1)
    assert normalizing_gain("loud*3+soft", loudness) == pytest.approx(10**-0.5)
    assert normalizing_gain("loud+unknown", loudness) == 1.0


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
    assert normalizing_gain("bf_emma", loudness) == normalizing_gain("bf_emma", builtin_loudness())
    assert normalizing_gain("af_heart", loudness) == normalizing_gain("af_new", loudness) == 1.0
