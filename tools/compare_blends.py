"""How well blends stream: `python tools/compare_blends.py`.

Speaks sentences with blends of voices, whole with their own statistics, and in windows with statistics that are
predicted from two centres: the one that is blended of the voices' centres, and the one that is learned by listening to
the blend for half a minute. Prints the log-spectral distance of both from what was spoken whole, beside that of
voices that are none. It takes some five minutes on two cores.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from wyoming_kokoro.backend import find_files
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.inference.vocoder import FRAME_SAMPLES
from wyoming_kokoro.model.builtin import builtin_statistics, builtin_styles
from wyoming_kokoro.model.fingerprint import Recipe
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.statistics import VoiceMean
from wyoming_kokoro.model.vocabulary import keep_known_symbols
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.synthesis.learn_statistics import SINGLE_VOICE_COUNTS, measure_utterance, open_stages, sample_lines
from wyoming_kokoro.types import Array, Samples

VOICES = (
    "af_heart",
    "am_michael",
    "bf_emma",
    "af_heart+af_bella",
    "af_heart*3+af_nicole",
    "af_heart+am_michael",
    "bf_emma+bm_george",
    "am_adam+bf_emma",
    "af_bella+ff_siwis*2",
    "af_heart+zf_xiaobei",
    "af_heart+af_bella+am_puck*2",
)
SENTENCES = (
    "Good night.",
    "The washing machine has finished.",
    "Your train leaves in twelve minutes.",
    "Tomorrow will be cloudy, with some rain in the afternoon.",
    "The dishwasher is done, but the dryer still needs about half an hour.",
)
WINDOW = 16
SIZE, HOP = 512, 128
"""Samples of a spectrum and between two."""
QUIET = 60.0
"""Decibels below the loudest spectrum at which there is nothing to compare."""


def main() -> None:
    """Compare all of them."""
    config = Config()
    plugins = PluginManager.load(config)
    files, _ = find_files(config, plugins)
    cache = Path(tempfile.gettempdir()) / "compare-blends"
    folder = prepare_stages(files.model, sha256_of(files.model), Recipe.current().digest, cache)
    stages, styles = open_stages(folder, default_threads()), builtin_styles()
    phonemizer = plugins.phonemizer("en-US")
    assert phonemizer
    lines = [keep_known_symbols(phonemizer.phonemize(sentence)) for sentence in SENTENCES]
    print("voice                        blended  learned")
    for voice in VOICES:
        blended = builtin_statistics(styles)
        learned = builtin_statistics(styles)
        rows = styles.all(voice)
        learned.add(
            voice,
            centre(measure_utterance(stages, line, rows[len(line) - 1][None], speed) for line, speed in lesson(rows)),
        )
        distances = []
        for line in lines:
            prosody = stages.predict_prosody(line, styles.row(voice, len(line)), 1.0)
            frames = stages.decode_frames(prosody)
            whole = InverseStft().feed(stages.decode_whole(prosody, frames)[0])
            told = stages.features(prosody, frames)
            both = (streamed(stages, prosody, frames, some.predict(voice, told)) for some in (blended, learned))
            distances.append([distance(whole, one) for one in both])
        print(f"{voice:28} {'  '.join(f'{mean:5.2f} dB' for mean in np.mean(distances, axis=0))}", flush=True)
    stages.close()


def lesson(rows: Array) -> Iterable[tuple[str, float]]:
    """Return what the learner would have the voice of these styles say."""
    return sample_lines("en-US", SINGLE_VOICE_COUNTS, int.from_bytes(rows[0, :1].tobytes(), "little"))


def centre(heard: Iterable[tuple[Samples, Samples]]) -> VoiceMean:
    """Return the centre of what was heard."""
    features, standing = (np.stack(part).mean(axis=0) for part in zip(*heard, strict=True))
    return VoiceMean(features, standing)


def streamed(stages: ModelPipeline, prosody: Prosody, frames: Samples, statistics: tuple[Samples, Samples]) -> Samples:
    """Return the utterance decoded in windows."""
    decoding = stages.start_vocoder(prosody, statistics, 0)
    reach = frames.shape[1] + stages.lag
    padded = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")
    parts = [decoding.feed(padded[:, first : first + WINDOW]) for first in range(0, reach, WINDOW)]
    return np.concatenate(parts)[: frames.shape[1] * FRAME_SAMPLES]


def distance(reference: Samples, other: Samples) -> float:
    """Return the log-spectral distance in dB, over the spectra in which the reference is heard."""
    length = min(len(reference), len(other))
    ours, theirs = (spectra(samples[:length]) for samples in (reference, other))
    loud = ours.max(axis=1) > ours.max() - QUIET
    floor = ours.max() - 2 * QUIET
    difference = np.maximum(ours[loud], floor) - np.maximum(theirs[loud], floor)
    return float(np.sqrt((difference**2).mean(axis=1)).mean())


def spectra(samples: Samples) -> Array:
    """Return log magnitudes in dB, one spectrum a hop."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, SIZE)[::HOP] * np.hanning(SIZE)
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(windows, axis=1)) + 1e-9))


if __name__ == "__main__":
    main()
