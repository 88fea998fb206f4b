"""Let every voice speak phoneme material and keep its statistics: `python tools/collect_statistics.py STAGES RAW`.

STAGES is a prepared model (`python -m wyoming_kokoro.preparation.cut_stages MODEL STAGES`), RAW the folder for
one file a voice; voices that are there are skipped. It takes about 20 s a voice on two cores;
`make_statistics.py` reads RAW.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.synthesis.learn_statistics import EVERY_VOICE_COUNTS, learn, open_stages


def main() -> None:
    """Collect what is not there yet."""
    stages, raw = map(Path, sys.argv[1:])
    raw.mkdir(parents=True, exist_ok=True)
    whole, styles = open_stages(stages, threads=os.cpu_count() or 1), builtin_styles()
    for voice in published_voices(styles.names):
        file = raw / f"{voice.name}.npz"
        if not file.exists():
            learn(whole, styles.all(voice.name), voice.language, EVERY_VOICE_COUNTS, file)
            print(voice.name, flush=True)


if __name__ == "__main__":
    main()
