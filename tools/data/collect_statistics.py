"""Let every voice speak phoneme material and keep its statistics: `python -m tools.data.collect_statistics STAGES RAW`.

STAGES is a prepared model (`python -m wyoming_kokoro.model.prepare MODEL STAGES`), RAW the folder for one file a
voice; voices that are there are skipped. It takes about 20 s a voice on two cores; `make_statistics.py` reads RAW.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wyoming_kokoro.model.shipped import own_styles
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.speech.learn import ALL_VOICES, learn, opened


def main() -> None:
    """Collect what is not there yet."""
    stages, raw = map(Path, sys.argv[1:])
    raw.mkdir(parents=True, exist_ok=True)
    whole, styles = opened(stages, threads=os.cpu_count() or 1), own_styles()
    for voice in catalogue(styles.names):
        file = raw / f"{voice.name}.npz"
        if not file.exists():
            learn(whole, styles.all(voice.name), voice.language, ALL_VOICES, file)
            print(voice.name, flush=True)


if __name__ == "__main__":
    main()
