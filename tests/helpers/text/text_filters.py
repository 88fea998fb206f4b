"""Applies the built-in text filters."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from wyoming_kokoro import PluginContext
from wyoming_kokoro_text import TextPlugin


def text_plugin(**settings: Any) -> TextPlugin:
    """Return the text plugin. It stores nothing, so its directories need not exist."""
    nowhere = Path("/nowhere")
    return TextPlugin(PluginContext("text", nowhere, nowhere, logging.getLogger("text"), settings))


def filter_text(text: str, language: str = "en", **settings: Any) -> str:
    """Return `text` after the filters of a primary `language` subtag."""
    for item in sorted(text_plugin(**settings).kokoro_text_filters(), key=lambda item: item.order):
        if item.is_for(language):
            text = item.apply(text)
    return text
