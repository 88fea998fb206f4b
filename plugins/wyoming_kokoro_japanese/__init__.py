"""Provides the Japanese phonemizer: Open JTalk reads the text, and its kana become Kokoro's symbols.

pyopenjtalk-plus is maintained, has wheels for every supported platform, and contains its dictionary, so it downloads
nothing. misaki, on whose symbols Kokoro was trained, needs a dictionary to be downloaded, and Python 3.12 or older.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from wyoming_kokoro import Phonemizer, PluginContext, PluginUnavailable, hookimpl
from wyoming_kokoro_japanese.phonemizer import JapanesePhonemizer


class JapanesePlugin:
    """Provides the phonemizer for `ja`."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when no Open JTalk with a dictionary is installed."""
        context.expect_no_settings()
        found = importlib.util.find_spec("pyopenjtalk")
        if not found or not found.origin:
            raise PluginUnavailable("Japanese needs pip install 'wyoming-kokoro[ja]'")
        if not (Path(found.origin).parent / "dictionary" / "sys.dic").is_file():
            raise PluginUnavailable(
                "the installed pyopenjtalk has no dictionary and would download one;"
                " run pip uninstall pyopenjtalk, then pip install 'wyoming-kokoro[ja]'"
            )

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens its dictionary on first use."""
        return JapanesePhonemizer() if language == "ja" else None
