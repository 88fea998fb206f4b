"""The lexicon: words of the configuration, said as it has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wyoming_kokoro import ConfigError, embed_ipa
from wyoming_kokoro.backend import pronunciation_fingerprint
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_lexicon import Lexicon
from wyoming_kokoro_lexicon.entries import Entries

KOKORO = embed_ipa("kˈOkəɹO")


def lexicon(folder: Path, **words: object) -> Lexicon:
    return Lexicon(plugin_context("lexicon", folder, {"en": words}))


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        ({"Hass": "hoss"}, "Hass is Hass.", "hoss is hoss."),
        ({"Hass": "hoss"}, "Hassle hass AHass Hass2", "Hassle hass AHass Hass2"),
        ({"hass": "hoss"}, "Hass HASS hass", "hoss hoss hoss"),
        ({"Polish": "poe lish", "polish": "pahlish"}, "Polish polish POLISH", "poe lish pahlish pahlish"),
        ({"Kokoro": "/kˈOkəɹO/"}, "Ask Kokoro!", f"Ask {KOKORO}!"),
        ({"Kokoro": "/kˈOkəɹO/"}, "Kokoro's voice", f"{embed_ipa('kˈOkəɹOz')} voice"),
        ({"bus": "/bˈʌs/"}, "the bus’s door", f"the {embed_ipa('bˈʌsᵻz')} door"),
        ({"Jack": "/ʤˈæk/"}, "Jack's", embed_ipa("ʤˈæks")),
        ({"Hass": "hoss"}, "Hass's lamp", "hoss's lamp"),
        ({"home": "A", "home assistant": "B"}, "home  assistant's home", "B's A"),
        ({"o'clock": "o klok"}, "six o’clock", "six o klok"),
        ({"c++": "see plus plus"}, "C++, c++", "see plus plus, see plus plus"),
        ({"घर": "ग"}, "घर घरों घर।", "ग घरों ग।"),
        ({"洗面所": "せんめんじょ"}, "この洗面所で", "このせんめんじょで"),
        ({"café": "caffay"}, "Café cafés", "caffay cafés"),
        ({"größe": "x"}, "GRÖSSE Größe", "GRÖSSE x"),
        ({"a.b": "x"}, "a.b axb", "x axb"),
        ({r"\1": "x"}, r"\1", "x"),
        ({"x": r"\1"}, "x", r"\1"),
    ],
)
def test_words_are_said_as_the_table_has_them(words: dict[str, str], text: str, said: str) -> None:
    """Whole words only; as it is written first, then in lower case; the longest that fits."""
    assert Entries(words).put_into(text) == said


@pytest.mark.parametrize(
    ("word", "said", "reason"),
    [
        ("nas", "", 'plugins.lexicon.en."nas": says nothing; write how it is said'),
        ("nas", "//", "says nothing"),
        ("nas", "/næs", 'stands between two slashes; write "/næs/"'),
        ("nas", "/nǂs/", r"'ǂ' \(U\+01C2\) is no sound that the model knows; leave it out or write"),
        ("nas", "/ˈ/", "has no sound"),
        ("", "nass", "is no word"),
        ("nas", 5, "must be a string"),
    ],
)
def test_what_cannot_be_said_stops_the_start(tmp_path: Path, word: str, said: object, reason: str) -> None:
    """The message names the word and what to do."""
    with pytest.raises(ConfigError, match=reason):
        lexicon(tmp_path, **{word: said})


def test_unknown_language_is_refused(tmp_path: Path) -> None:
    """A table for a language that no voice speaks is a mistake."""
    with pytest.raises(ConfigError, match=r"plugins\.lexicon\.de: unknown key; known are en, es"):
        Lexicon(plugin_context("lexicon", tmp_path, {"de": {"a": "b"}}))


def test_a_filter_for_each_language(tmp_path: Path) -> None:
    """Each table is for its language alone, and an empty one costs nothing."""
    plugin = Lexicon(plugin_context("lexicon", tmp_path, {"en": {"a": "b"}, "ja": {"c": "d"}}))
    assert [item.languages for item in plugin.kokoro_text_filters()] == [{"en"}, {"ja"}]
    assert not list(lexicon(tmp_path).kokoro_text_filters())


def test_a_change_of_the_lexicon_changes_the_pronunciation() -> None:
    """Phonemes that were kept are not used for a word that is now said otherwise."""

    def known_by(said: str) -> str:
        config = Config(plugins={"lexicon": {"en": {"nas": said}}})
        return pronunciation_fingerprint(config, PluginManager.load(config), {})

    assert known_by("nass") != known_by("naz")
    assert known_by("nass") == known_by("nass")
