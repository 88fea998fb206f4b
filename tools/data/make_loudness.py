"""Make wyoming_kokoro/data/loudness.json: the loudness of each voice without normalization.

    python -m tools.data.make_loudness RAW

Needs `pip install pyloudnorm`. Every voice speaks the same lines of its language, and the mean of their integrated
loudness (ITU-R BS.1770) is written in LUFS. The spread of the voices in a line that was not used is printed, before
and after normalization, and so are their peaks. RAW is a file for the measurements: those that it contains are not
repeated. This takes about ten minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.voice_catalog import REFERENCE_LUFS, normalizing_gain
from wyoming_kokoro.synthesis.learn_statistics import LINE_COUNTS
from wyoming_kokoro.synthesis.managed_model import ManagedModel
from wyoming_kokoro.types import SAMPLE_RATE, Samples, Voice

TARGET = Path(__file__).parents[2] / "wyoming_kokoro" / "data" / "loudness.json"
USED_LINES = 3
"""Lines of medium length that are measured for the file. The next line is for the evaluation."""
BLENDS = (
    Voice("af_heart+af_bella", "en-US", ""),
    Voice("af_heart+am_michael", "en-US", ""),
    Voice("af_nicole+bf_emma*3", "en-US", ""),
    Voice("am_adam*2+am_echo+bm_lewis", "en-US", ""),
)
"""Their measured loudness is compared with the prediction from their voices."""

Measurements = dict[str, list[tuple[float, float]]]
"""The loudness in LUFS and the peak (full scale is 1) of each line, by voice."""


def main() -> None:
    """Measure missing lines, write the file and print the evaluation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path, metavar="RAW", help="file for the measurements")
    raw: Path = parser.parse_args().raw
    measurements: Measurements = json.loads(raw.read_text()) if raw.exists() else {}
    asyncio.run(measure_voices(measurements, raw))
    means = {
        name: round(float(np.mean([line[0] for line in lines[:USED_LINES]])), 2) for name, lines in measurements.items()
    }
    table = {name: means[name] for name in sorted(means) if "+" not in name}
    TARGET.write_text(json.dumps(table, indent=1) + "\n")
    print_evaluation(measurements, table)


async def measure_voices(measurements: Measurements, raw: Path) -> None:
    """Add the missing lines of all voices, and save each in `raw`."""
    cache = str(Path(tempfile.gettempdir()) / "make-loudness")
    off = {name: {"enabled": False} for name in ("phrase_cache", "warmup", "zeroconf")}
    config = Config(directories=Directories(cache, cache), plugins=off)
    async with open_backend(config, PluginManager.load(config)) as backend:
        synthesis = await backend.open_model()
        for number in range(USED_LINES + 1):
            for voice in (*published_voices(builtin_styles().names), *BLENDS):
                lines = measurements.setdefault(voice.name, [])
                if len(lines) == number:
                    lines.append(await asyncio.to_thread(measure_line, synthesis, voice, number))
                    await asyncio.to_thread(raw.write_text, json.dumps(measurements))
            print(f"{number + 1} of {USED_LINES + 1} lines", flush=True)


def measure_line(synthesis: ManagedModel, voice: Voice, number: int) -> tuple[float, float]:
    """Return the loudness and the peak of one line."""
    # The package is needed only here, so that --help works without it.
    import pyloudnorm  # noqa: PLC0415

    folder = resources.files("wyoming_kokoro") / "data" / "material"
    line = (folder / f"{voice.language}.txt").read_text("utf-8").splitlines()[LINE_COUNTS[0] + number]
    pcm = np.concatenate(list(synthesis.synthesize(line, voice.name, 1.0)))
    samples: Samples = (pcm / 32768).astype(np.float32)
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)), float(np.abs(samples).max())


def print_evaluation(measurements: Measurements, table: Mapping[str, float]) -> None:
    """Print the normalized loudness and peak of every voice, and the spread of all."""
    gains = {name: 20 * float(np.log10(normalizing_gain(name, table))) for name in measurements}
    unseen = {name: lines[USED_LINES][0] for name, lines in measurements.items()}
    for name in sorted(table, key=lambda name: table[name]):
        peak = max(line[1] for line in measurements[name]) * 10 ** (gains[name] / 20)
        print(f"{name:14} {table[name]:6.1f} LUFS, gain {gains[name]:+5.1f} dB, peak {peak:.2f} after it")
    for blend in BLENDS:
        print(f"{blend.name:28} {unseen[blend.name] + gains[blend.name] - REFERENCE_LUFS:+.1f} LU from the target")
    print("original:  ", format_spread([unseen[name] for name in table]))
    print("normalized:", format_spread([unseen[name] + gains[name] for name in table]))
    print(f"median: {np.median(list(table.values())):.1f} LUFS")


def format_spread(loudness: Sequence[float]) -> str:
    """Return the range and the standard deviation as text."""
    return f"{np.ptp(loudness):.1f} LU from softest to loudest, standard deviation {np.std(loudness):.2f} LU"


if __name__ == "__main__":
    main()
