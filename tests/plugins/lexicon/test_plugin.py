from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro import ConfigError
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.text.pronunciation import pronunciation_fingerprint
from wyoming_kokoro_lexicon import LexiconPlugin


def lexicon_plugin(folder: Path, **tables: object) -> LexiconPlugin:
    return LexiconPlugin(plugin_context("lexicon", folder, tables))


@pytest.mark.parametrize(
    ("word", "configured", "message"),
    [
        ("nas", "", 'plugins.lexicon.en."nas": has no pronunciation; write a spelling or IPA'),
        ("nas", "//", "has no pronunciation"),
        ("nas", "/næs", 'has IPA with one slash; write "/næs/"'),
        ("nas", "/nǂs/", r"unknown IPA symbol 'ǂ' \(U\+01C2\); remove it or write"),
        ("nas", "/ˈ/", "has no sound"),
        ("", "nass", "is no word"),
        ("nas", 5, "must be a string"),
    ],
)
def test_unusable_pronunciation_raises_config_error_naming_the_word(
    tmp_path: Path, word: str, configured: object, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        lexicon_plugin(tmp_path, en={word: configured})


def test_unknown_language_raises_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"plugins\.lexicon\.de: unknown key; known: en, es"):
        lexicon_plugin(tmp_path, de={"a": "b"})


def test_only_languages_with_words_have_a_filter(tmp_path: Path) -> None:
    plugin = lexicon_plugin(tmp_path, en={"a": "b"}, es={}, ja={"c": "d"})
    assert [item.languages for item in plugin.kokoro_text_filters()] == [{"en"}, {"ja"}]


def test_changed_lexicon_changes_the_pronunciation_fingerprint() -> None:
    """So that phonemes cached before the change are not used again."""

    def fingerprint(configured: str) -> str:
        config = Config(plugins={"lexicon": {"en": {"nas": configured}}})
        return pronunciation_fingerprint(config, PluginManager.load(config), {})

    assert fingerprint("nass") != fingerprint("naz")
    assert fingerprint("nass") == fingerprint("nass")
