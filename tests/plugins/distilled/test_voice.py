from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.helpers.distilled_graphs import paradee_graph, spectral_graph, waveform_graph
from wyoming_kokoro import SAMPLE_RATE, Samples, SessionOptions
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro_distilled import voice as voice_module
from wyoming_kokoro_distilled.voice import (
    FIRST_WINDOW_FRAMES,
    MAX_WINDOW_FRAMES,
    DistilledVoice,
    SpectralVoice,
    load_voice,
    plan_windows,
)

TEXTS = (
    "tˈIməɹ kˈænsəld.",
    "ðə fɹˈʌnt dˈɔɹ ɪz ʌnlˈɑkt.",
    "tˈɜɹnd ˌɔn ðə lˈɪvɪŋ ɹˈum lˈIts ænd sˈɛt ðə θˈɜɹməstˌæt tə twˈɛnti wˈʌn dəɡɹˈiz.",
)


def synthesize(voice: DistilledVoice, phonemes: str, speed: float = 1.0) -> Samples:
    return np.concatenate(list(voice.synthesize(tokenize(phonemes), speed)))


def log_spectrum(samples: Samples) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::256] * np.hanning(1024)
    decibels: np.ndarray = 20 * np.log10(np.abs(np.fft.rfft(frames)) + 1e-4)
    return decibels


@pytest.mark.parametrize("phonemes", TEXTS)
def test_windows_equal_one_pass(heart: DistilledVoice, phonemes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = synthesize(heart, phonemes)
    monkeypatch.setattr(voice_module, "FIRST_WINDOW_FRAMES", 1_000_000)
    whole = synthesize(heart, phonemes)
    length = min(len(windows), len(whole))
    # The trimmed silence can differ by a few milliseconds.
    assert abs(len(windows) - len(whole)) <= SAMPLE_RATE // 100
    assert np.abs(log_spectrum(windows[:length]) - log_spectrum(whole[:length])).mean() <= 0.5


def test_first_samples_leave_with_the_first_window(heart: DistilledVoice) -> None:
    units = heart.synthesize(tokenize(TEXTS[2]), 1.0)
    first = next(units)
    assert 0.08 * SAMPLE_RATE < len(first) < 0.2 * SAMPLE_RATE
    assert len(list(units)) >= 3


def test_same_segment_is_bit_equal(heart: DistilledVoice) -> None:
    np.testing.assert_array_equal(synthesize(heart, TEXTS[1]), synthesize(heart, TEXTS[1]))


def test_speed_changes_the_duration(heart: DistilledVoice) -> None:
    normal, fast = len(synthesize(heart, TEXTS[2])), len(synthesize(heart, TEXTS[2], 1.5))
    assert normal / fast == pytest.approx(1.5, rel=0.1)


@pytest.mark.parametrize("speed", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("phonemes", [*TEXTS, "sˈɪks.", "ˈɔf.", "hˈæf pˈæst sˈɪks.", "ɪf."])
def test_speech_has_no_silence_around_it_and_is_complete(heart: DistilledVoice, phonemes: str, speed: float) -> None:
    samples = synthesize(heart, phonemes, speed)
    assert np.sqrt((samples[: SAMPLE_RATE // 50] ** 2).mean()) > heart.calibration.silence_rms / 2
    assert np.abs(samples).max() > 0.05
    # A cut onset or ending would be loud at once.
    assert np.sqrt((samples[:120] ** 2).mean()) <= heart.calibration.silence_rms
    assert np.sqrt((samples[-120:] ** 2).mean()) <= heart.calibration.silence_rms


def test_empty_segment_is_short(heart: DistilledVoice) -> None:
    assert len(synthesize(heart, "")) < SAMPLE_RATE


def test_graph_that_cannot_be_cut_runs_whole(heart_file: Path, heart: DistilledVoice, tmp_path: Path) -> None:
    whole = SpectralVoice(open_onnx(heart_file, ["CPUExecutionProvider"], SessionOptions(1, tmp_path)))
    assert len(list(whole.synthesize(tokenize(TEXTS[0]), 1.0))) == 3
    streamed = len(synthesize(heart, TEXTS[0]))
    assert len(synthesize(whole, TEXTS[0])) == pytest.approx(streamed, abs=SAMPLE_RATE // 50)
    whole.close()


def test_loading_chooses_the_class_by_the_graph(tmp_path: Path) -> None:
    onnx.save(waveform_graph(), tmp_path / "waveform.onnx")
    onnx.save(spectral_graph(), tmp_path / "cut.onnx")
    onnx.save(spectral_graph(extra="Softmax"), tmp_path / "uncut.onnx")
    voices = [load_voice(tmp_path / f"{name}.onnx", name, tmp_path) for name in ("waveform", "cut", "uncut")]
    units = [len(list(voice.synthesize([1] * 40, 1.0))) for voice in voices]
    assert units[0] == 1
    assert units[1] > units[2]
    for voice in voices:
        voice.close()


def test_waveform_is_trimmed(tmp_path: Path) -> None:
    onnx.save(waveform_graph(), tmp_path / "waveform.onnx")
    voice = load_voice(tmp_path / "waveform.onnx", "waveform", tmp_path)
    tokens = [0] * 2399 + [1] * 2400 + [0] * 2400
    (samples,) = voice.synthesize(tokens, 2.0)
    assert len(samples) == 240 + 2400 + 480
    assert samples.max() == pytest.approx(0.2)


@pytest.mark.parametrize("count", [1, 16, 31, 32, 100, 1000])
def test_windows_grow_and_cover_all_frames(count: int) -> None:
    windows = list(plan_windows(5, 5 + count))
    assert windows[0][0] == 5
    assert windows[-1][1] == 5 + count
    assert [end for _, end in windows[:-1]] == [begin for begin, _ in windows[1:]]
    sizes = [end - begin for begin, end in windows]
    assert max(sizes) < MAX_WINDOW_FRAMES + FIRST_WINDOW_FRAMES
    assert sizes[0] < 2 * FIRST_WINDOW_FRAMES


def test_voice_of_the_paradee_form_repeats_its_random_noise(tmp_path: Path) -> None:
    """No package contains a real model of this form. `paradee_graph` has the operators that its exporter writes."""
    file = tmp_path / "paradee.onnx"
    onnx.save(paradee_graph(), file)
    plain = open_onnx(file, ["CPUExecutionProvider"], SessionOptions(1, tmp_path / "plain"))
    feeds = {"input_ids": np.array([[0, *tokenize(TEXTS[1]), 0]]), "speed": np.ones(1, dtype=np.float32)}
    first, second = (plain.run(feeds)["waveform"] for _ in range(2))
    assert first.ndim == 2
    assert not np.array_equal(first, second)
    voice = load_voice(file, "paradee", tmp_path / "cache")
    normal, fast = synthesize(voice, TEXTS[1]), synthesize(voice, TEXTS[1], 2.0)
    np.testing.assert_array_equal(normal, synthesize(voice, TEXTS[1]))
    assert 0.3 < len(fast) / len(normal) < 0.75
