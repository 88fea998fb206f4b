"""The text filters of misaki's dictionary. Without `pip install -e '.[misaki]'`, tests that use them are skipped."""

from __future__ import annotations

import importlib.util

import pytest

from wyoming_kokoro import TextFilter
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_misaki import MisakiPlugin


@pytest.fixture(scope="session")
def filters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TextFilter]:
    """Return the text filter of each language."""
    if not importlib.util.find_spec("misaki"):
        pytest.skip("needs pip install -e '.[misaki]', on Python 3.12 or older")
    plugin = MisakiPlugin(plugin_context("misaki", tmp_path_factory.mktemp("misaki")))
    return {language: item for item in plugin.kokoro_text_filters() for language in item.languages}
