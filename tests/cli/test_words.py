"""`wyoming-kokoro words`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wyoming_kokoro.cli.main import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a config file with a word in its lexicon."""
    file = tmp_path / "config.toml"
    file.write_text(f'directories.state = "{tmp_path / "state"}"\nplugins.lexicon.en.NAS = "nass"\n')
    return file


def run(capsys: pytest.CaptureFixture[str], file: Path, *arguments: str) -> str:
    assert main(["words", "--config", str(file), *arguments]) == 0
    return capsys.readouterr().out


def test_words_are_added_listed_and_removed(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert run(capsys, file, "add", "Hass", "hoss") == "Hass (en) sounds like hoss\n"
    assert run(capsys, file, "add", "--language", "es", "Hass", "jás") == "Hass (es) sounds like jás\n"
    assert run(capsys, file, "add", "Hass", "/hˈɔs/") == "Hass (en) sounds like /hˈɔs/\n"
    table = run(capsys, file)
    assert table == run(capsys, file, "list")
    assert [line.split() for line in table.splitlines()] == [
        ["word", "sounds", "like", "language", "from"],
        ["NAS", "nass", "en", str(file)],
        ["Hass", "/hˈɔs/", "en", "taught"],
        ["Hass", "jás", "es", "taught"],
    ]
    assert run(capsys, file, "remove", "Hass") == "Removed Hass (en).\n"
    for arguments in (["--json"], ["list", "--json"]):
        output = run(capsys, file, *arguments)
        assert output.isascii()
        words = json.loads(output)
        assert [(word["word"], word["language"], word["origin"]) for word in words] == [
            ("NAS", "en", str(file)),
            ("Hass", "es", ""),
        ]


def test_default_language_is_that_of_the_default_voice(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    voice = ("--voice", "if_sara")
    assert run(capsys, file, "add", *voice, "Hass", "ass") == "Hass (it) sounds like ass\n"
    assert run(capsys, file, "remove", *voice, "Hass") == "Removed Hass (it).\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "NAS", "x"], "'NAS' is set in {file}; change [plugins.lexicon.en] there"),
        (["add", "Hass", "/ǂ/"], "'Hass': unknown IPA symbol 'ǂ'"),
        (["add", "Hass", "x", "--language", "de"], "unknown language: 'de'"),
        (["remove", "Hass"], "'Hass' is not a taught word of en"),
        (["remove", "NAS"], "'NAS' is not a taught word of en"),
    ],
)
def test_error_is_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], file: Path, arguments: list[str], message: str
) -> None:
    assert main(["words", "--config", str(file), *arguments]) == 1
    error = capsys.readouterr().err
    assert message.format(file=file) in error
    assert error.count("\n") == 1


def test_disabled_lexicon_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("plugins.lexicon.enabled = false\n")
    assert main(["words", "--config", str(file)]) == 1
    assert "enable the plugin lexicon" in capsys.readouterr().err
