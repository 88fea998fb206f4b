"""Speak the phoneme material with every voice, and record the statistics of its utterances.

    python -m tools.data.collect_statistics STAGES RAW

STAGES is a prepared model: `python -m wyoming_kokoro.preparation.cut_stages MODEL STAGES`. One file per voice is
written to the folder RAW, which `make_statistics.py` reads. Voices that have a file are skipped. A
voice takes 20 s on two cores.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.synthesis.learn_statistics import EVERY_VOICE_COUNTS, learn, open_stages


def main() -> None:
    """Record the statistics of the voices that have no file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", type=Path, metavar="STAGES", help="folder of the prepared model")
    parser.add_argument("raw", type=Path, metavar="RAW", help="folder for the statistics")
    options = parser.parse_args()
    options.raw.mkdir(parents=True, exist_ok=True)
    stages, styles = open_stages(options.stages, threads=os.cpu_count() or 1), builtin_styles()
    for voice in published_voices(styles.names):
        file = options.raw / f"{voice.name}.npz"
        if not file.exists():
            learn(stages, styles.all(voice.name), voice.language, EVERY_VOICE_COUNTS, file)
            print(voice.name, flush=True)


if __name__ == "__main__":
    main()
