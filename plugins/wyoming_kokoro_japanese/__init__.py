"""Provides the Japanese phonemizer: Open JTalk reads the text, and its kana become Kokoro's symbols.

pyopenjtalk-plus is maintained, has wheels for every supported platform, and contains its dictionary, so it downloads
nothing. misaki, on whose symbols Kokoro was trained, needs a dictionary to be downloaded, and Python 3.12 or older.
"""

from __future__ import annotations

import importlib.util
import os
from functools import partial
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
        folder = Path(found.origin).parent
        if not (folder / "dictionary" / "sys.dic").is_file():
            raise PluginUnavailable(
                "the installed pyopenjtalk has no dictionary and would download one;"
                " run pip uninstall pyopenjtalk, then pip install 'wyoming-kokoro[ja]'"
            )
        dictionary = Path(os.environ.get("OPEN_JTALK_DICT_DIR", folder / "dictionary"))
        files = [dictionary, *folder.glob("*.so")]
        self._find_crash = partial(context.find_crash, "wyoming_kokoro_japanese.probe", str(dictionary), files=files)

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens its dictionary on first use."""
        return JapanesePhonemizer(self._find_crash) if language == "ja" else None
