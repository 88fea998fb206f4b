"""Print the gain that makes the distilled af_heart as loud as the full model's.

    python -m tools.data.measure_distilled_gain

Needs `pip install pyloudnorm hibari-tts`. Both models speak the same phonemes of 20 lines. Their integrated loudness
(ITU-R BS.1770) is compared line by line. This takes about two minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np

from tools.measure.household_texts import day
from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.synthesis.managed_model import ManagedModel
from wyoming_kokoro.types import SAMPLE_RATE, Samples
from wyoming_kokoro_distilled.voice import DistilledVoice, load_voice

VOICE = "af_heart"
LINE_COUNT = 20
SEED = 1
# Shorter lines have too few blocks of 400 ms for a stable value.
MIN_PHONEMES = 40


def main() -> None:
    """Measure all lines and print the result."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    folder = Path(tempfile.gettempdir()) / "measure-distilled-gain"
    model = Path(str(resources.files("hibari") / "assets" / "hibari.onnx"))
    differences = asyncio.run(measure(load_voice(model, sha256_of(model), folder), str(folder)))
    print(f"gain {np.median(differences):+.2f} dB (median), {np.mean(differences):+.2f} dB (mean),")
    print(f"standard deviation {np.std(differences):.2f} dB, {len(differences)} lines")


async def measure(distilled: DistilledVoice, cache: str) -> list[float]:
    """Return how much louder the full model speaks each line, in dB."""
    off = {name: {"enabled": False} for name in ("phrase_cache", "warmup", "zeroconf")}
    config = Config(directories=Directories(cache, cache), plugins=off)
    async with open_backend(config, PluginManager.load(config)) as backend:
        full = await backend.open_model()
        return [await asyncio.to_thread(compare, full, distilled, line) for line in read_lines()]


def read_lines() -> list[str]:
    """Return the phonemes of different household texts."""
    # The package is needed only here, so that --help works without it.
    from hibari.g2p import G2P  # noqa: PLC0415

    phonemize = G2P()
    lines = dict.fromkeys(phonemize(request.text) for request in day(SEED, ()))
    return [line for line in lines if len(line) >= MIN_PHONEMES][:LINE_COUNT]


def compare(full: ManagedModel, distilled: DistilledVoice, phonemes: str) -> float:
    """Return how much louder `full` speaks the phonemes than `distilled`, in dB."""
    pcm = np.concatenate(list(full.synthesize(phonemes, VOICE, 1.0)))
    samples = np.concatenate(list(distilled.synthesize(tokenize(phonemes), 1.0)))
    return measure_loudness((pcm / 32768).astype(np.float32)) - measure_loudness(samples)


def measure_loudness(samples: Samples) -> float:
    """Return the integrated loudness in LUFS."""
    # The package is needed only here, so that --help works without it.
    import pyloudnorm  # noqa: PLC0415

    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples))


if __name__ == "__main__":
    main()
