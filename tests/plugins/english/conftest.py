from __future__ import annotations

from collections.abc import Callable

import pytest

from wyoming_kokoro import IPA_SPAN, extract_ipa
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_english import EnglishPlugin

Read = Callable[[str, str], str]


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Return a function that filters a text in a language and shows embedded phonemes as plain IPA."""
    plugin = EnglishPlugin(plugin_context("english", tmp_path_factory.mktemp("english")))
    filters = {language: item for item in plugin.kokoro_text_filters() for language in item.languages}

    def read_text(language: str, text: str) -> str:
        return IPA_SPAN.sub(lambda match: extract_ipa(match[0]), filters[language].apply(text))

    return read_text
