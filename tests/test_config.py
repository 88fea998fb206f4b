from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro import ConfigError
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.config import ENVIRONMENT, Config, VoiceAlias, VoiceConfig, default_paths, load_config
from wyoming_kokoro.settings import parse_settings

if TYPE_CHECKING:
    from tests.helpers.distributions import Site

pytest_plugins = ["tests.helpers.distributions"]


def write_config(folder: Path, text: str) -> Path:
    file = folder / "here.toml"
    file.write_text(text)
    return file


def config_error(file: Path | None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(file, environment or {}, {})
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


# Precedence of the sources


def test_command_line_overrides_environment_overrides_file_overrides_defaults(tmp_path: Path) -> None:
    file = write_config(tmp_path, "[voice]\nname = 'file'\nspeed = 1.1\nvolume = 0.5\n")
    environment = {"WYOMING_KOKORO_VOICE": "environment", "WYOMING_KOKORO_SPEED": "1.2"}
    voice = load_config(file, environment, {("voice", "name"): "command line"}).voice
    assert voice == VoiceConfig("command line", 1.2, 0.5)
    assert load_config(file, environment, {}).voice.name == "environment"
    assert load_config(file, {}, {}).voice.name == "file"
    assert load_config(None, {}, {}).voice.name == "af_heart"


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_each_variable_sets_only_its_key(variable: str) -> None:
    section, key, kind = ENVIRONMENT[variable]
    expected, value = asdict(Config()), "full" if key == "quality" else "1.5"
    expected[section][key] = kind(value)
    assert asdict(load_config(None, {variable: value}, {})) == expected


def test_other_variables_are_ignored() -> None:
    assert load_config(None, {"WYOMING_KOKORO_ZZZ": "1", "VOICE": "x"}, {}) == Config()


@pytest.mark.parametrize("variable", ["WYOMING_KOKORO_SPEED", "WYOMING_KOKORO_VOLUME"])
def test_invalid_number_in_a_variable_is_an_error_that_names_the_variable(tmp_path: Path, variable: str) -> None:
    message = config_error(write_config(tmp_path, ""), {variable: "fast"})
    assert message == f"environment: {variable}: 'fast' is not a number"


def test_variable_does_not_hide_a_wrong_type_in_the_file(tmp_path: Path) -> None:
    message = config_error(write_config(tmp_path, "voice = 'af_heart'"), {"WYOMING_KOKORO_SPEED": "1.0"})
    assert message == f"{tmp_path / 'here.toml'}: voice: must be a table: [voice]"


REPORTING_PLUGIN = """\
from wyoming_kokoro import PluginUnavailable

def Plugin(context):
    raise PluginUnavailable(str(context.cache_dir))
"""


def cache_directory(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the cache directory that the command passes to a plugin."""
    assert main(arguments) == 0
    (plugin,) = json.loads(capsys.readouterr().out)
    return str(plugin["reason"])


def test_plugin_gets_the_directory_of_the_first_source(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option may be before or after the command."""
    site.add_modules("parrot", {"bird": REPORTING_PLUGIN})
    file = str(write_config(tmp_path, "[directories]\ncache = '/file'\n"))
    command = ["plugins", "--json"]
    monkeypatch.setenv("WYOMING_KOKORO_CACHE", "/environment")
    assert cache_directory(capsys, *command, "--config", file, "--cache", "/option") == "/option"
    assert cache_directory(capsys, "--config", file, "--cache", "/option", *command) == "/option"
    assert cache_directory(capsys, "--config", file, *command) == "/environment"
    monkeypatch.delenv("WYOMING_KOKORO_CACHE")
    assert cache_directory(capsys, "--config", file, *command) == "/file"
    assert cache_directory(capsys, *command) == str(platformdirs.user_cache_path("wyoming-kokoro"))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--log-level", "loud"],
            "wyoming-kokoro: command line: log_level: must be one of debug, info, warning, error\n",
        ),
        (["--speed", "fast"], "wyoming-kokoro: command line: --speed: 'fast' is not a number\n"),
        (
            ["--config", "/nowhere/x.toml"],
            "wyoming-kokoro: /nowhere/x.toml: cannot be read (No such file or directory); check the path\n",
        ),
    ],
)
def test_invalid_option_ends_with_code_2_and_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert main([*arguments, "plugins"]) == 2
    assert capsys.readouterr() == ("", line)


def test_error_names_the_source_of_the_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_config(tmp_path, "")
    assert "WYOMING_KOKORO_SPEED: voice.speed: " in config_error(file, {"WYOMING_KOKORO_SPEED": "9"})
    assert main(["--config", str(file), "--speed", "9", "plugins"]) == 2
    assert "command line: voice.speed: " in capsys.readouterr().err


def test_file_in_the_default_path_is_read(tmp_path: Path) -> None:
    path = default_paths()[0]
    path.parent.mkdir(parents=True)
    path.write_text("log_level = 'debug'")
    config = load_config(None, {}, {})
    assert (config.log_level, config.source) == ("debug", str(path))


def test_named_file_replaces_the_default_file(tmp_path: Path) -> None:
    path = default_paths()[0]
    path.parent.mkdir(parents=True)
    path.write_text("log_level = 'debug'")
    assert load_config(write_config(tmp_path, ""), {}, {}).log_level == "info"


def test_inaccessible_home_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service may not be allowed to read its home. Here the name of the home is too long."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/" + "x" * 300)
    monkeypatch.setenv("HOME", "/" + "x" * 300)
    assert load_config(None, {}, {}).voice == VoiceConfig()


# Errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[voice]\nspede = 1.0", "voice.spede: unknown key; did you mean speed?"),
        ("[sever]\nuri = 'x'", "sever: unknown key; did you mean server?"),
        ("[voices.kitchen]\nspeed = 1.1", "voices.kitchen: Object missing required field `base`"),
        ("[voices.kitchen]\nbase = 'af_heart'\nspede = 1.1", "voices.kitchen.spede: unknown key; did you mean speed?"),
        ("[voices.kitchen]\nbase = 'af_heart'\nspeed = 5", "voices.kitchen.speed: Expected `float` <= 4.0"),
        ("[voices.kitchen]\nbase = ['af_heart']", "voices.kitchen.base: Expected `str`, got `array`"),
        ("[voices]\nkitchen = 'af_heart'", "voices.kitchen: must be a table: [voices.kitchen]"),
        ("[audio]\nrate = 44100", "audio.rate: must be one of 24000, 22050, 16000, 48000"),
        ("[voices.x]\nbase = 'af_heart'\nrate = 8000", "voices.x.rate: must be one of 0, 24000, 22050, 16000, 48000"),
        ("[voice]\nloudness = 'loud'", "voice.loudness: must be one of normalized, original"),
        ("loglevel = 'info'", "loglevel: unknown key; did you mean log_level?"),
        ("[voice]\nspeed = 'fast'", "voice.speed: Expected `float`, got `str`"),
        ("[voice]\nspeed = 4.5", "voice.speed: Expected `float` <= 4.0"),
        ("[voice]\nspeed = nan", "voice.speed: must be a finite number, not nan"),
        ("[server]\nstream_timeout_seconds = inf", "server.stream_timeout_seconds: must be a finite number, not inf"),
        ("[model]\nthreads = 65", "model.threads: Expected `int` <= 64"),
        ("[speech]\ntail_ms = -1", "speech.tail_ms: Expected `int` >= 0"),
        ("[server]\nstream_timeout_seconds = 0", "server.stream_timeout_seconds: Expected `float` > 0.0"),
        ("[server]\nallowed_networks = '10.0.0.0/8'", "server.allowed_networks: Expected `array`, got `str`"),
        ("server = 5", "server: must be a table: [server]"),
        ("[[voice]]\nname = 'x'", "voice: must be a table: [voice]"),
    ],
)
def test_error_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert config_error(write_config(tmp_path, text)) == f"{tmp_path / 'here.toml'}: {message}"


def test_internal_field_is_not_a_key(tmp_path: Path) -> None:
    assert config_error(write_config(tmp_path, "source = 'x'")).startswith(
        f"{tmp_path / 'here.toml'}: source: unknown key"
    )
    assert "did you mean source" not in config_error(write_config(tmp_path, "sorce = 'x'"))


def test_syntax_error_names_the_line(tmp_path: Path) -> None:
    message = config_error(write_config(tmp_path, "[voice]\nspeed 1.0\n"))
    assert message.startswith(f"{tmp_path / 'here.toml'}: is not TOML: ")
    assert "line 2" in message


def test_file_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "here.toml"
    file.write_bytes(b"[voice]\nname = '\xe4'\n")
    assert config_error(file).startswith(f"{file}: is not TOML: ")


@pytest.mark.parametrize("text", ["log_level = " + "[" * 100_000, "[server]\nmax_streams = " + "9" * 5000])
def test_file_that_no_parser_can_read_is_an_error(tmp_path: Path, text: str) -> None:
    assert config_error(write_config(tmp_path, text)).startswith(f"{tmp_path / 'here.toml'}: is not TOML: ")


def test_byte_order_mark_of_an_editor_is_ignored(tmp_path: Path) -> None:
    file = write_config(tmp_path, "\ufeff[voice]\nspeed = 1.5\n")
    assert load_config(file, {}, {}).voice.speed == 1.5


def test_unreadable_file_is_an_error(tmp_path: Path) -> None:
    assert config_error(tmp_path / "gone.toml").endswith("cannot be read (No such file or directory); check the path")
    assert config_error(tmp_path).endswith("cannot be read (Is a directory); check the path")


def test_pipe_is_an_error(tmp_path: Path) -> None:
    """It would block the program."""
    os.mkfifo(tmp_path / "here.toml")
    assert config_error(tmp_path / "here.toml") == f"{tmp_path / 'here.toml'}: is a pipe; use a file"


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("gone.toml")])
def test_default_path_that_is_no_file_is_an_error(make: Callable[[Path], None]) -> None:
    path = default_paths()[0]
    path.parent.mkdir(parents=True)
    make(path)
    assert config_error(None).startswith(f"{path}: cannot be read (")


@pytest.mark.parametrize("key", [("directories", "cache"), ("directories", "state"), ("model", "path")])
def test_name_that_is_not_utf_8_is_an_error(key: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match="must be UTF-8"):
        load_config(None, {}, {key: os.fsdecode(b"/tmp/caf\xe9")})


@pytest.mark.parametrize("key", [("directories", "cache"), ("model", "path"), ("voice", "name")])
def test_null_character_is_an_error(key: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=f"{key[0]}.{key[1]}: must have no null character"):
        load_config(None, {}, {key: "a\0b"})


def test_directories_may_begin_with_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    directories = load_config(None, {"WYOMING_KOKORO_CACHE": "~/cache", "WYOMING_KOKORO_STATE": "~"}, {}).directories
    assert (directories.cache_path, directories.state_path) == (tmp_path / "cache", tmp_path)


def test_directory_in_an_unknown_home_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"directories\.cache: no home of ~no-such-user; write a whole path"):
        _ = load_config(None, {}, {("directories", "cache"): "~no-such-user/cache"}).directories.cache_path


def test_user_directory_that_is_not_utf_8_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", os.fsdecode(b"/tmp/caf\xe9"))
    with pytest.raises(ConfigError, match=r"directories\.cache: must be UTF-8"):
        _ = load_config(None, {}, {}).directories.cache_path


# Arbitrary tables

WORDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8)
SECTIONS = {
    section.name: [key.name for key in fields(getattr(Config(), section.name))]
    for section in fields(Config)
    if is_dataclass(getattr(Config(), section.name))
}
SCALARS = st.one_of(st.booleans(), st.integers(), st.floats(), WORDS, st.dates(), st.times(), st.datetimes())
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def _section(keys: list[str]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(keys) | WORDS, ANYTHING, max_size=3) | ANYTHING


TABLES = st.fixed_dictionaries(
    {},
    optional={
        **{name: _section(keys) for name, keys in SECTIONS.items()},
        "log_level": st.sampled_from(["debug", "info"]) | ANYTHING,
        "required_plugins": st.lists(WORDS, max_size=2) | ANYTHING,
        "voices": st.dictionaries(WORDS, _section([key.name for key in fields(VoiceAlias)]), max_size=2) | ANYTHING,
        "plugins": st.dictionaries(WORDS, st.dictionaries(WORDS, ANYTHING, max_size=2), max_size=2) | ANYTHING,
        "sever": ANYTHING,
    },
)


@given(TABLES)
def test_any_table_is_valid_or_an_error_that_names_the_key(table: dict[str, Any]) -> None:
    try:
        config = parse_settings(Config, table, "here.toml")
    except ConfigError as error:
        message = str(error)
        assert len(message.splitlines()) == 1
        file, key, reason = message.split(": ", 2)
        assert file == "here.toml"
        assert re.split(r"[.\[]", key)[0] in table
        assert reason
    else:
        table = {key: value for key, value in asdict(config).items() if key != "source"}
        assert parse_settings(Config, table, "here.toml") == config


def test_directories_of_systemd_are_used_where_no_other_source_names_one(tmp_path: Path) -> None:
    """systemd may pass several directories. The first one is used."""
    given = {"CACHE_DIRECTORY": "/var/cache/wyoming-kokoro:/var/cache/more", "STATE_DIRECTORY": "/var/lib/x"}
    directories = load_config(None, given, {}).directories
    assert (directories.cache, directories.state) == ("/var/cache/wyoming-kokoro", "/var/lib/x")
    named = load_config(write_config(tmp_path, "[directories]\ncache = '/mnt/c'\n"), given, {}).directories
    assert (named.cache, named.state) == ("/mnt/c", "/var/lib/x")
    assert load_config(None, {**given, "WYOMING_KOKORO_STATE": "/mnt/s"}, {}).directories.state == "/mnt/s"
    assert load_config(None, {"CACHE_DIRECTORY": ""}, {}) == Config()


def test_user_without_a_home_must_name_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    """A systemd service may have no home."""
    for name in [name for name in os.environ if name.startswith("XDG_")] + ["HOME"]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 64321)
    config = load_config(None, {"CACHE_DIRECTORY": "/var/cache/x"}, {})
    assert config.directories.cache_path == Path("/var/cache/x")
    with pytest.raises(
        ConfigError, match=r"directories\.state: this user has no home directory; set a directory with --state"
    ):
        _ = config.directories.state_path
