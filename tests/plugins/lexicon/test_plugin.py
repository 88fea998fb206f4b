from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro import ConfigError, LexiconEntry
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


def test_filter_of_a_language_uses_its_configured_and_taught_words(tmp_path: Path) -> None:
    plugin = lexicon_plugin(tmp_path, en={"a": "b"})
    english, spanish, *_ = plugin.kokoro_text_filters()
    assert [item.languages for item in (english, spanish)] == [{"en"}, {"es"}]
    assert (english.apply("a c"), spanish.apply("a c")) == ("b c", "a c")
    plugin.kokoro_lexicon().teach(LexiconEntry("c", "d", "en"))
    assert (english.apply("a c"), spanish.apply("a c")) == ("b d", "a c")


def test_filter_version_follows_the_taught_words_of_the_language(tmp_path: Path) -> None:
    """The version is a part of the key of cached phonemes."""
    plugin = lexicon_plugin(tmp_path, en={"a": "b"})
    english, spanish, *_ = [item.version for item in plugin.kokoro_text_filters()]
    assert callable(english)
    assert callable(spanish)
    versions = [english()]
    lexicon = plugin.kokoro_lexicon()
    for sound in ("one", "two", "one"):
        lexicon.teach(LexiconEntry("c", sound, "en"))
        versions.append(english())
    lexicon.forget("c", "en")
    assert versions[0] == english() == spanish() == ""
    assert versions[1] == versions[3] != versions[2]
    assert "" not in versions[1:]


def test_changed_lexicon_changes_the_pronunciation_fingerprint() -> None:
    """So that phonemes cached before the change are not used again."""

    def fingerprint(configured: str) -> str:
        config = Config(plugins={"lexicon": {"en": {"nas": configured}}})
        return pronunciation_fingerprint(config, PluginManager.load(config), {}, "zh-CN")

    assert fingerprint("nass") != fingerprint("naz")
    assert fingerprint("nass") == fingerprint("nass")
