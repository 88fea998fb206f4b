"""Teaching words: what is accepted, what wins, and what other processes change."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wyoming_kokoro import LITERAL_MARK, Lexicon, LexiconEntry, LexiconError, embed_ipa
from wyoming_kokoro_lexicon.teachable_lexicon import (
    MAX_SOUND_CHARACTERS,
    MAX_WORD_CHARACTERS,
    MAX_WORDS,
    TeachableLexicon,
)
from wyoming_kokoro_lexicon.words_file import WordsFile

LOG = logging.getLogger("wyoming_kokoro.plugins.lexicon")
SOURCE = "/etc/config.toml"

Open = Callable[..., TeachableLexicon]


def entry(word: str, sound: str, language: str = "en") -> LexiconEntry:
    return LexiconEntry(word, sound, language)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "words.toml"


@pytest.fixture
def open_lexicon(path: Path) -> Open:
    """Return a function that opens the lexicon of another process, with the given English words configured."""

    def open_one(**configured: str) -> TeachableLexicon:
        return TeachableLexicon({"en": configured, "zh": {}}, SOURCE, WordsFile(path, LOG), LOG)

    return open_one


def test_taught_word_is_used_and_listed_and_survives_a_restart(open_lexicon: Open) -> None:
    lexicon = open_lexicon()
    assert isinstance(lexicon, Lexicon)
    assert lexicon.teach(entry(" Hass  io’s ", " hoss   io ")) == entry("Hass io's", "hoss io")
    for current in (lexicon, open_lexicon()):
        assert current.entries() == [entry("Hass io's", "hoss io")]
        assert current.apply("en", "Hass io’s lamp") == "hoss io lamp"
        assert current.apply("zh", "Hass io’s lamp") == "Hass io’s lamp"


def test_taught_word_follows_the_rules_of_configured_words(open_lexicon: Open) -> None:
    lexicon = open_lexicon()
    for word, sound, language in (
        ("bus", "/bˈʌs/", "en"),
        ("Polish", "poe lish", "en"),
        ("polish", "pahlish", "en"),
        ("重庆", "崇庆", "zh"),
    ):
        lexicon.teach(entry(word, sound, language))
    assert lexicon.apply("en", "BUS’s busy") == f"{embed_ipa('bˈʌsᵻz')} busy"
    assert lexicon.apply("en", "Polish POLISH") == "poe lish pahlish"
    assert lexicon.apply("zh", "去重庆吧") == "去崇庆吧"


def test_teaching_again_replaces_and_forgetting_removes(open_lexicon: Open) -> None:
    lexicon = open_lexicon()
    lexicon.teach(entry("NAS", "one"))
    lexicon.teach(entry("NAS", "two"))
    assert lexicon.apply("en", "NAS") == "two"
    lexicon.forget(" NAS ", "en")
    assert (lexicon.apply("en", "NAS"), lexicon.entries()) == ("NAS", [])
    for word, language in (("NAS", "en"), ("NAS", "xx")):
        with pytest.raises(LexiconError, match="'NAS' is not a taught word"):
            lexicon.forget(word, language)


@pytest.mark.parametrize(
    ("word", "sound", "message"),
    [
        ("", "x", "word must have 1 to 60 characters, not 0"),
        (" ", "x", "word must have 1 to 60"),
        ("w" * (MAX_WORD_CHARACTERS + 1), "x", "not 61"),
        ("nas", "", "pronunciation must have 1 to 200"),
        ("nas", "x" * (MAX_SOUND_CHARACTERS + 1), "not 201"),
        ("na\0s", "x", "control or private"),
        ("nas", embed_ipa("næs"), "control or private"),
        ("\ud800", "x", "control or private"),
        ("nas", "/næs", "'nas': has IPA with one slash"),
        ("nas", "//", "has no pronunciation"),
        ("nas", "/ˈ/", "has no sound"),
        ("nas", "/nˈæɓǂs/", r"'ɓ' \(U\+0253, perhaps b\), 'ǂ' \(U\+01C2\); remove it or write"),
    ],
)
def test_unusable_entry_is_rejected_by_teach_and_preview(
    open_lexicon: Open, path: Path, word: str, sound: str, message: str
) -> None:
    lexicon = open_lexicon()
    with pytest.raises(LexiconError, match=message):
        lexicon.teach(entry(word, sound))
    with pytest.raises(LexiconError, match=message):
        lexicon.preview(word, entry(word, sound))
    assert not path.exists()


def test_unknown_language_is_rejected(open_lexicon: Open) -> None:
    with pytest.raises(LexiconError, match="unknown language: 'de'; use one of en, zh"):
        open_lexicon().teach(entry("a", "b", "de"))


def test_word_above_the_limit_is_rejected(open_lexicon: Open, path: Path) -> None:
    path.write_text("[zh]\n" + "".join(f'w{number} = "x"\n' for number in range(MAX_WORDS)))
    lexicon = open_lexicon()
    with pytest.raises(LexiconError, match="500 words are taught already"):
        lexicon.teach(entry("more", "x"))
    lexicon.teach(entry("w0", "y", "zh"))
    lexicon.forget("w1", "zh")
    lexicon.teach(entry("more", "x"))


def test_configured_word_wins(open_lexicon: Open) -> None:
    """A configured word in lower case also covers other spellings."""
    open_lexicon().teach(entry("NAS", "taught"))
    open_lexicon().teach(entry("NAS box", "longer"))
    lexicon = open_lexicon(nas="configured", Hass="hoss")
    assert lexicon.apply("en", "NAS, NAS box, hass") == "configured, longer, hass"
    assert lexicon.entries() == [
        LexiconEntry("Hass", "hoss", "en", SOURCE),
        LexiconEntry("nas", "configured", "en", SOURCE),
        entry("NAS box", "longer"),
    ]
    for word in ("nas", "Nas", "Hass"):
        with pytest.raises(
            LexiconError, match=rf"'{word}' is set in /etc/config\.toml; change \[plugins\.lexicon\.en\]"
        ):
            lexicon.teach(entry(word, "x"))
    lexicon.teach(entry("hass", "other"))
    assert lexicon.apply("en", "Hass hass HASS") == "hoss other other"
    lexicon.forget("NAS", "en")


def test_preview_sounds_like_the_word_once_it_is_taught(open_lexicon: Open) -> None:
    """Also if the spelling contains the word, or a word that has an entry."""
    lexicon = open_lexicon(box="container")
    lexicon.teach(entry("Hass", "old"))
    for sound in ("Hass io", "box", "/hˈɔs/", "Hass's"):
        preview = lexicon.preview("Hass and the box.", entry("Hass", sound))
        heard = lexicon.apply("en", preview)
        taught = open_lexicon(box="container")
        taught.teach(entry("Hass", sound))
        assert heard == taught.apply("en", "Hass and the box.")
    assert LITERAL_MARK not in heard
    with pytest.raises(LexiconError, match="does not contain 'Hass'"):
        lexicon.preview("The box.", entry("Hass", "x"))


def test_change_of_another_process_is_used_after_refresh(open_lexicon: Open, path: Path) -> None:
    server, command = open_lexicon(), open_lexicon()
    command.teach(entry("a", "x"))
    assert server.apply("en", "a") == "a"
    server.refresh()
    assert (server.apply("en", "a"), server.version("en")) == ("x", command.version("en"))
    server.teach(entry("b", "y"))
    command.refresh()
    assert command.apply("en", "a b") == "x y"
    path.unlink()
    server.refresh()
    assert server.apply("en", "a b") == "a b"


def test_invalid_word_in_the_file_is_skipped_and_kept(
    open_lexicon: Open, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text('[en]\na = "x"\nb = "/ǂ/"\n[de]\nc = "z"\n')
    lexicon = open_lexicon()
    assert lexicon.apply("en", "a b") == "x b"
    assert "A taught word is not used: 'b': unknown IPA symbol" in caplog.text
    lexicon.teach(entry("d", "w"))
    text = path.read_text("utf-8")
    assert 'b = "/ǂ/"' in text
    assert "[de]" in text


def test_damaged_file_is_renamed_at_the_start(open_lexicon: Open, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text("[en")
    assert open_lexicon().entries() == []
    assert path.with_suffix(".damaged").read_text("utf-8") == "[en"
    (record,) = caplog.records
    assert "words.toml is damaged and is renamed to words.damaged" in record.getMessage()
    caplog.clear()
    open_lexicon().teach(entry("a", "x"))
    assert not caplog.records


def test_words_stay_in_use_while_an_editor_writes_the_file(open_lexicon: Open, path: Path) -> None:
    lexicon = open_lexicon()
    lexicon.teach(entry("a", "x"))
    path.write_text('[en]\na = "')
    lexicon.refresh()
    assert lexicon.apply("en", "a") == "x"
    path.write_text('[en]\na = "yes"\n')
    lexicon.refresh()
    assert lexicon.apply("en", "a") == "yes"
    assert not path.with_suffix(".damaged").exists()


def test_damage_while_the_server_runs_loses_no_word(open_lexicon: Open, path: Path) -> None:
    lexicon = open_lexicon()
    lexicon.teach(entry("a", "x"))
    path.write_text("damaged")
    for _ in range(3):
        lexicon.refresh()
    assert lexicon.apply("en", "a") == open_lexicon().apply("en", "a") == "x"
    assert path.with_suffix(".damaged").read_text("utf-8") == "damaged"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_write_permission_is_an_error(open_lexicon: Open, path: Path) -> None:
    path.parent.chmod(0o500)
    with pytest.raises(LexiconError, match=r"cannot be written: Permission denied; check \[directories\] state"):
        open_lexicon().teach(entry("a", "b"))


def test_unusable_path_is_one_warning_and_an_error_of_teach(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    lexicon = TeachableLexicon({"en": {}}, SOURCE, WordsFile(blocked / "words.toml", LOG), LOG)
    lexicon.refresh()
    (record,) = caplog.records
    assert "Taught words cannot be read" in record.getMessage()
    with pytest.raises(LexiconError, match="cannot be written"):
        lexicon.teach(entry("a", "b"))
