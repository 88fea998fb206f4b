"""Phonemes of Japanese: readings by Open JTalk, then Kokoro's symbols for kana.

pyopenjtalk-plus was chosen because it is kept up, has wheels for every Python and machine that we run on, and carries
its dictionary: nothing is fetched when it runs. misaki, whose symbols the model was trained on, wants a dictionary that
must be downloaded, and no Python above 3.12.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import Phonemizer, PluginContext, PluginUnavailable, hookimpl
from wyoming_kokoro_japanese.phonemizer import JapanesePhonemizer


@dataclass(frozen=True, slots=True)
class NoSettings:
    """`[plugins.japanese]` has no keys of its own."""


class JapanesePlugin:
    """Brings the phonemizer of `ja`."""

    def __init__(self, context: PluginContext) -> None:
        """Raises `PluginUnavailable` when there is no Open JTalk that has its dictionary."""
        context.settings(NoSettings)
        found = importlib.util.find_spec("pyopenjtalk")
        if not found or not found.origin:
            raise PluginUnavailable("Japanese needs pip install 'wyoming-kokoro[ja]'")
        if not (Path(found.origin).parent / "dictionary" / "sys.dic").is_file():
            raise PluginUnavailable(
                "the package pyopenjtalk has no dictionary and would download one;"
                " pip uninstall pyopenjtalk, then pip install 'wyoming-kokoro[ja]'"
            )

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return a phonemizer, which opens its dictionary when it is first used."""
        return JapanesePhonemizer() if language == "ja" else None
