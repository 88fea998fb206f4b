"""Make wyoming_kokoro/data/loudness.json, how loud each voice is by itself: `python tools/make_loudness.py RAW`.

Wants `pip install pyloudnorm`. Every voice speaks the same lines of its language as the server would, and the mean of
their integrated loudness (ITU-R BS.1770) is written down, in LUFS. Prints how far the voices are apart in a line that
was not used, as they are and evened, and how near to full scale they come. RAW is a file for what was measured: what is
in it is not measured again. It takes about ten minutes on two idle cores.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import pyloudnorm

from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.loudness import REFERENCE, Loudness
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.synthesis.learn_statistics import LINE_COUNTS
from wyoming_kokoro.synthesis.speech_model import SpeechModel
from wyoming_kokoro.types import SAMPLE_RATE, Samples, Voice

TARGET = Path(__file__).parent.parent / "wyoming_kokoro" / "data" / "loudness.json"
USED = 3
"""How many of the lines of medium length are measured for the file; the next one is to try it."""
BLENDS = (
    Voice("af_heart+af_bella", "en-US", ""),
    Voice("af_heart+am_michael", "en-US", ""),
    Voice("af_nicole+bf_emma*3", "en-US", ""),
    Voice("am_adam*2+am_echo+bm_lewis", "en-US", ""),
)
"""Their loudness is compared with what their voices foretell."""

Measured = dict[str, list[tuple[float, float]]]
"""Loudness in LUFS and the largest sample, full scale at 1, of each line of each voice."""


def main() -> None:
    """Measure what is missing, write the file, tell what it is worth."""
    raw = Path(sys.argv[1])
    measured: Measured = json.loads(raw.read_text()) if raw.exists() else {}
    asyncio.run(measure(measured, raw))
    loudness = {name: round(float(np.mean([line[0] for line in lines[:USED]])), 2) for name, lines in measured.items()}
    table = {name: loudness[name] for name in sorted(loudness) if "+" not in name}
    TARGET.write_text(json.dumps(table, indent=1) + "\n")
    tell(measured, table)


async def measure(measured: Measured, raw: Path) -> None:
    """Add all that is missing, line by line, and keep it in `raw`."""
    cache = str(Path(tempfile.gettempdir()) / "make-loudness")
    off = {name: {"enabled": False} for name in ("phrase_cache", "warmup", "zeroconf")}
    config = Config(directories=Directories(cache, cache), plugins=off)
    async with open_backend(config, PluginManager.load(config)) as backend:
        synthesis = await backend.opening
        for number in range(USED + 1):
            for voice in (*published_voices(builtin_styles().names), *BLENDS):
                lines = measured.setdefault(voice.name, [])
                if len(lines) == number:
                    lines.append(await asyncio.to_thread(heard, synthesis, voice, number))
                    await asyncio.to_thread(raw.write_text, json.dumps(measured))
            print(f"{number + 1} of {USED + 1} lines", flush=True)


def heard(synthesis: SpeechModel, voice: Voice, number: int) -> tuple[float, float]:
    """Return how loud `voice` is in one line, and its largest sample."""
    folder = resources.files("wyoming_kokoro") / "data" / "material"
    line = (folder / f"{voice.language}.txt").read_text("utf-8").splitlines()[LINE_COUNTS[0] + number]
    pcm = np.concatenate(list(synthesis.synthesize(line, voice.name, 1.0)))
    samples: Samples = (pcm / 32768).astype(np.float32)
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)), float(np.abs(samples).max())


def tell(measured: Measured, table: Mapping[str, float]) -> None:
    """Print what the file is worth."""
    known = Loudness(table)
    gains = {name: 20 * float(np.log10(known.gain(name))) for name in measured}
    unseen = {name: lines[USED][0] for name, lines in measured.items()}
    for name in sorted(table, key=lambda name: table[name]):
        peak = max(line[1] for line in measured[name]) * 10 ** (gains[name] / 20)
        print(f"{name:14} {table[name]:6.1f} LUFS, evened by {gains[name]:+5.1f} dB to a peak of {peak:.2f}")
    for blend in BLENDS:
        print(f"{blend.name:28} {unseen[blend.name] + gains[blend.name] - REFERENCE:+.1f} LU from where it shall be")
    print("as they are:", spread([unseen[name] for name in table]))
    print("evened:     ", spread([unseen[name] + gains[name] for name in table]))
    print(f"the median is {np.median(list(table.values())):.1f} LUFS")


def spread(loudness: Sequence[float]) -> str:
    """Return how far apart voices are, in words."""
    return f"{np.ptp(loudness):.1f} LU from the softest to the loudest, standard deviation {np.std(loudness):.2f} LU"


if __name__ == "__main__":
    main()
