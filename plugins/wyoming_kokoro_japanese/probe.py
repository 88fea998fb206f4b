"""Runs Open JTalk in a process of its own, which a damaged dictionary ends.

`python -m wyoming_kokoro_japanese.probe DICTIONARY`
"""

from __future__ import annotations

import sys
from pathlib import Path

from wyoming_kokoro import find_damage
from wyoming_kokoro_japanese.phonemizer import JapanesePhonemizer

TEXT = "今日は七時三十分に東京のキッチンで電気をつけました。Kokoroの天気は21.5℃です。"


def main() -> None:
    """Compare the dictionary with the package, and read a text."""
    if damage := find_damage("pyopenjtalk-plus", Path(sys.argv[1])):
        sys.exit(damage)
    JapanesePhonemizer(lambda: "").phonemize(TEXT)


if __name__ == "__main__":
    main()
