"""Applies the built-in text filters."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import Any

from wyoming_kokoro import PluginContext, TextFilter
from wyoming_kokoro_text import TextPlugin


def text_plugin(**settings: Any) -> TextPlugin:
    """Return the text plugin. It stores nothing, so its directories need not exist."""
    nowhere = Path("/nowhere")
    return TextPlugin(PluginContext("text", nowhere, nowhere, logging.getLogger("text"), settings))


@functools.cache
def text_filters(language: str, **settings: Any) -> tuple[TextFilter, ...]:
    """Return the filters of a `language`, such as `en-GB`, or of a primary subtag, in order."""
    filters = sorted(text_plugin(**settings).kokoro_text_filters(), key=lambda item: item.order)
    return tuple(item for item in filters if item.is_for(language))


def filter_text(text: str, language: str = "en", **settings: Any) -> str:
    """Return `text` after the filters of a `language`."""
    for item in text_filters(language, **settings):
        text = item.apply(text)
    return text
