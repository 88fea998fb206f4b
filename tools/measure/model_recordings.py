"""Speak 80 household sentences with the full and the distilled model, to compare their sound.

    python -m tools.measure.model_recordings OUT

The sentences in `model_recordings.txt` were written for this comparison. OUT/full/NAME.wav and OUT/distilled/NAME.wav
are as the server sends them, so the silence around the speech is trimmed alike. NAME.txt has the sentence. Compare both
folders with a predictor of the mean opinion score and a speech recognizer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import get_args

from tools.measure.normalization_recordings import Sentence, record_server
from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.bench.processes import isolate
from wyoming_kokoro.config import load_config

SENTENCES = Path(__file__).with_suffix(".txt")


def main() -> None:
    """Record every sentence with both models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the recordings")
    options = parser.parse_args()
    lines = SENTENCES.read_text("utf-8").splitlines()
    sentences = [Sentence(f"{number:03d}", line, line) for number, line in enumerate(lines)]
    config = isolate(load_config(None, os.environ, {}))
    for quality in get_args(Quality):
        voice = replace(config.voice, quality=quality)
        asyncio.run(record_server(replace(config, voice=voice), sentences, options.out / quality))


if __name__ == "__main__":
    main()
