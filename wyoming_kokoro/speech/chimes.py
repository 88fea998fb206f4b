"""The sounds that play before announcements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr

from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.pcm import RecordingFade, amplify, to_pcm
from wyoming_kokoro.settings import expand_path
from wyoming_kokoro.speech.loudness import ABSOLUTE_GATE_LUFS, measure_loudness
from wyoming_kokoro.speech.resampler import QUALITY
from wyoming_kokoro.speech.voice_catalog import REFERENCE_LUFS
from wyoming_kokoro.types import SAMPLE_RATE, Array, Pcm, Samples

MAX_CHIME_SECONDS = 10


def load_chimes(config: Config) -> dict[str, Pcm]:
    """Return the chimes in `[voices]` by the name of the voice, ready to play. Raises `ConfigError`."""
    chimes = {}
    for name, alias in config.voices.items():
        if alias.chime:
            try:
                # A relative path starts at the configuration file.
                chime = read_chime(Path(config.source).parent / expand_path(alias.chime))
            except ValueError as error:
                raise ConfigError(config.source, f"voices.{name}.chime", str(error)) from None
            chimes[name] = amplify(chime, config.voice.volume * alias.volume)
    return chimes


def read_chime(file: Path) -> Pcm:
    """Return `file` as mono PCM that is as loud as speech. Raises `ValueError`."""
    samples = _read_mono(file)
    if not np.isfinite(samples).all():
        raise ValueError(f"{file} is damaged: it has samples that are not numbers; use another file")
    loudness = measure_loudness(samples)
    if loudness < ABSOLUTE_GATE_LUFS:
        raise ValueError(f"{file} is silent; use another file")
    # A short, sharp sound is not as loud as speech even at full scale.
    gain = min(10 ** ((REFERENCE_LUFS - loudness) / 20), 1 / float(np.abs(samples).max()))
    fade = RecordingFade()
    return np.concatenate([fade.feed(to_pcm(samples * np.float32(gain))), fade.finish()])


def _read_mono(file: Path) -> Samples:
    """Return the mean of all channels of `file` at `SAMPLE_RATE`. Raises `ValueError`."""
    # The import takes 60 ms, and most servers have no chime.
    import soundfile  # noqa: PLC0415

    try:
        # A pipe would block the server.
        if file.exists() and not file.is_file():
            raise ValueError(f"{file} is not a file; check the path")
        with file.open("rb") as stream, soundfile.SoundFile(stream) as sound:
            limit = MAX_CHIME_SECONDS * sound.samplerate
            samples: Array = sound.read(limit + 1, dtype="float32", always_2d=True)
            rate = sound.samplerate
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror}); check the path") from None
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{file} is not audio ({error.error_string}); use WAV, FLAC, Ogg or MP3") from None
    if len(samples) > limit:
        raise ValueError(f"{file} is too long; use a file of at most {MAX_CHIME_SECONDS} s")
    resampled: Samples = soxr.resample(samples.mean(axis=1), rate, SAMPLE_RATE, QUALITY)
    return resampled
