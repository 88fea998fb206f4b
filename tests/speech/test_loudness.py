from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.model.builtin import builtin_loudness, builtin_styles
from wyoming_kokoro.model.styles import MAX_PHONEMES, STYLE_WIDTH, Styles
from wyoming_kokoro.speech.loudness import measure_loudness
from wyoming_kokoro.speech.voice_catalog import REFERENCE_LUFS, normalizing_gain
from wyoming_kokoro.types import SAMPLE_RATE, Samples


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


def sine(decibels: float, seconds: float = 3.0, hertz: float = 997.0) -> Samples:
    """Return a sine with a peak of `decibels` relative to full scale."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * time), dtype=np.float32)


def test_loudness_of_a_sine_is_that_of_the_standard() -> None:
    """BS.1770: a 997 Hz sine at full scale in one channel is -3.01 LUFS."""
    assert measure_loudness(sine(0)) == pytest.approx(-3.01, abs=0.02)
    assert measure_loudness(sine(-20)) == pytest.approx(-23.01, abs=0.02)


def test_loudness_weights_frequencies_as_the_ear_does() -> None:
    """The gains of the K-weighting: -13.9 dB at 25 Hz and +4 dB at high frequencies, relative to 997 Hz."""
    reference = measure_loudness(sine(-20))
    assert measure_loudness(sine(-20, hertz=8000)) - reference == pytest.approx(3.3, abs=0.2)
    assert measure_loudness(sine(-20, hertz=40)) - reference < -5


def test_quiet_parts_do_not_lower_the_loudness() -> None:
    """EBU Tech 3341, test case 3, in one channel: 10 s at -36 dB, 60 s at -23 dB, 10 s at -36 dB."""
    tones = np.concatenate([sine(-36, 10), sine(-23, 60), sine(-36, 10)])
    assert measure_loudness(tones) == pytest.approx(-26.01, abs=0.1)
    padded = np.concatenate([sine(-20, 2), np.zeros(10 * SAMPLE_RATE, np.float32)])
    assert measure_loudness(padded) == pytest.approx(-23.01, abs=0.6)


def test_short_sound_is_quieter_than_a_long_one() -> None:
    assert measure_loudness(sine(-20, 0.1)) == pytest.approx(measure_loudness(sine(-20)) - 6, abs=0.3)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(30_000, np.float32)])
def test_silence_has_no_loudness(samples: Samples) -> None:
    assert measure_loudness(samples) == -np.inf
