"""Speak 20 sentences at nine speeds, to compare their sound with that at speed 1.

    python -m tools.measure.speeds OUT [--quality distilled] [--model-speeds MIN MAX] [--speeds SPEED ...]

OUT/SPEED/NAME.wav are as the server sends them. NAME.txt has the sentence. Compare the folders with a speech recognizer
and a predictor of the mean opinion score. `--model-speeds` moves the limits beyond which audio is stretched.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import replace
from pathlib import Path

from tools.measure.normalization_recordings import Sentence, record_server
from tools.measure.word_timings import SENTENCES
from wyoming_kokoro.bench.processes import isolate
from wyoming_kokoro.config import load_config
from wyoming_kokoro.synthesis import stretching

SPEEDS = (0.25, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


def main() -> None:
    """Record every sentence at every speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the recordings")
    parser.add_argument("--quality", choices=["full", "distilled"], default="full")
    parser.add_argument("--speeds", type=float, nargs="+", default=SPEEDS, metavar="SPEED")
    parser.add_argument("--model-speeds", type=float, nargs=2, metavar=("MIN", "MAX"), help="default: as the server")
    options = parser.parse_args()
    if options.model_speeds:
        least, most = options.model_speeds
        vars(stretching).update(MIN_MODEL_SPEED=least, MAX_MODEL_SPEED=most, MAX_CLEAR_SPEED=most)
    sentences = [Sentence(f"{number:02}", line, line) for number, line in enumerate(SENTENCES)]
    config = isolate(load_config(None, os.environ, {}))
    for speed in options.speeds:
        voice = replace(config.voice, quality=options.quality, speed=speed)
        asyncio.run(record_server(replace(config, voice=voice), sentences, options.out / f"{speed:g}"))


if __name__ == "__main__":
    main()
