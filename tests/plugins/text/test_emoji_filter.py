"""The emoji filter, with `emoji = "drop"` and `emoji = "name"`."""

from __future__ import annotations

import subprocess
import sys
from typing import Literal

import pytest

from tests.helpers.text.text_filters import filter_text

NAMED = [
    ("en", "Good morning ☀️!", "Good morning, sun,!"),
    ("es", "Buenos días ☀️", "Buenos días, sol,"),
    ("fr", "Bonjour ☀️", "Bonjour, soleil,"),
    ("it", "Buongiorno ☀️", "Buongiorno, sole,"),
    ("pt", "Bom dia ☀️", "Bom dia, sol,"),
    ("hi", "नमस्ते ☀️", "नमस्ते"),
    ("en", "👨‍👩‍👧 home", "family man woman girl, home"),
]


@pytest.mark.parametrize(("language", "written", "expected"), NAMED)
def test_emoji_are_named_in_languages_with_names(language: str, written: str, expected: str) -> None:
    assert filter_text(written, language, emoji="name") == expected


@pytest.mark.parametrize("setting", ["drop", "name"])
def test_no_known_emoji_reaches_the_phonemizer(setting: Literal["drop", "name"]) -> None:
    emoji = pytest.importorskip("emoji")
    every_emoji = [text for text in emoji.EMOJI_DATA if not text[0].isascii()]
    filtered = filter_text(" ".join(every_emoji), "en", emoji=setting)
    assert emoji.emoji_count(filtered) == 0
    assert any(character.isalpha() for character in filtered) == (setting == "name")


def test_emoji_package_is_imported_only_for_names() -> None:
    """Its import takes a tenth of a second."""
    code = (
        "import sys; from tests.helpers.text.text_filters import filter_text;"
        " filter_text('Hi ☀️'); assert 'emoji' not in sys.modules;"
        " filter_text('Hi ☀️', emoji='name'); assert 'emoji' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
