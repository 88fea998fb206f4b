"""What the text filters make of a text."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from wyoming_kokoro import PluginContext
from wyoming_kokoro_text import Text


def plugin(**table: Any) -> Text:
    """Return the plugin with the settings of `table`; it keeps nothing, so its folders are nowhere."""
    nowhere = Path("/nowhere")
    return Text(PluginContext("text", nowhere, nowhere, logging.getLogger("text"), table))


def say(text: str, language: str = "en", **table: Any) -> str:
    """Return `text` as it is said in a primary `language` subtag."""
    for item in sorted(plugin(**table).kokoro_text_filters(), key=lambda item: item.order):
        if not item.languages or language in item.languages:
            text = item.apply(text)
    return text
