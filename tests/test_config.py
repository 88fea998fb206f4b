"""The configuration: what stands before what, and what a mistake is told."""

from __future__ import annotations

import json
import os
import re
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


def written(folder: Path, text: str) -> Path:
    file = folder / "here.toml"
    file.write_text(text)
    return file


def refusal(file: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(file, environment or {}, {})
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


# What stands before what


def test_command_line_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    """Each source of settings hides the ones behind it, and only for the keys it has."""
    file = written(tmp_path, "[voice]\nname = 'file'\nspeed = 1.1\nvolume = 0.5\n")
    environment = {"WYOMING_KOKORO_VOICE": "environment", "WYOMING_KOKORO_SPEED": "1.2"}
    voice = load_config(file, environment, {("voice", "name"): "command line"}).voice
    assert voice == VoiceConfig("command line", 1.2, 0.5)
    assert load_config(file, environment, {}).voice.name == "environment"
    assert load_config(file, {}, {}).voice.name == "file"
    assert load_config(None, {}, {}).voice.name == "af_heart"


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_every_variable_sets_its_key(variable: str) -> None:
    """A variable needs no file, and changes its own key and nothing else."""
    section, key, kind = ENVIRONMENT[variable]
    expected = asdict(Config())
    expected[section][key] = kind("1.5")
    assert asdict(load_config(None, {variable: "1.5"}, {})) == expected


def test_other_variables_are_not_ours() -> None:
    """The environment is full of others' variables."""
    assert load_config(None, {"WYOMING_KOKORO_ZZZ": "1", "VOICE": "x"}, {}) == Config()


@pytest.mark.parametrize("variable", ["WYOMING_KOKORO_SPEED", "WYOMING_KOKORO_VOLUME"])
def test_number_of_the_environment_that_is_none(tmp_path: Path, variable: str) -> None:
    """The message names the variable, for the file is innocent."""
    message = refusal(written(tmp_path, ""), {variable: "fast"})
    assert message == f"environment: {variable}: 'fast' is not a float"


def test_variable_over_a_value_where_a_table_should_be(tmp_path: Path) -> None:
    """A file that is wrong stays wrong."""
    message = refusal(written(tmp_path, "voice = 'af_heart'"), {"WYOMING_KOKORO_SPEED": "1.0"})
    assert message == f"{tmp_path / 'here.toml'}: voice: Expected `object`, got `str`"


TELLTALE = """\
from wyoming_kokoro import PluginUnavailable

def Plugin(context):
    raise PluginUnavailable(str(context.cache_dir))
"""


def cache_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the cache directory that a plugin sees when the program is called."""
    assert main(arguments) == 0
    (plugin,) = json.loads(capsys.readouterr().out)
    return str(plugin["reason"])


def test_the_whole_way_from_the_command_line_to_a_plugin(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option may stand before or after the command; without it the next source counts, and so on."""
    site.add_modules("parrot", {"bird": TELLTALE})
    file = str(written(tmp_path, "[directories]\ncache = '/file'\n"))
    listing = ["plugins", "--json"]
    monkeypatch.setenv("WYOMING_KOKORO_CACHE", "/environment")
    assert cache_of(capsys, *listing, "--config", file, "--cache", "/option") == "/option"
    assert cache_of(capsys, "--config", file, "--cache", "/option", *listing) == "/option"
    assert cache_of(capsys, "--config", file, *listing) == "/environment"
    monkeypatch.delenv("WYOMING_KOKORO_CACHE")
    assert cache_of(capsys, "--config", file, *listing) == "/file"
    assert cache_of(capsys, *listing) == str(platformdirs.user_cache_path("wyoming-kokoro"))


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
def test_mistake_on_the_command_line(capsys: pytest.CaptureFixture[str], arguments: list[str], line: str) -> None:
    """Exit code 2, one line on stderr, nothing on stdout."""
    assert main([*arguments, "plugins"]) == 2
    assert capsys.readouterr() == ("", line)


def test_value_out_of_range_is_blamed_on_who_said_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who looks for `speed = 9` in the file does not find it there."""
    file = written(tmp_path, "")
    assert "WYOMING_KOKORO_SPEED: voice.speed: " in refusal(file, {"WYOMING_KOKORO_SPEED": "9"})
    assert main(["--config", str(file), "--speed", "9", "plugins"]) == 2
    assert "command line: voice.speed: " in capsys.readouterr().err


def test_usual_place_is_read(tmp_path: Path) -> None:
    """Without `--config` the user's own file is found."""
    place = default_paths()[0]
    place.parent.mkdir(parents=True)
    place.write_text("log_level = 'debug'")
    config = load_config(None, {}, {})
    assert (config.log_level, config.source) == ("debug", str(place))


def test_named_file_hides_the_usual_place(tmp_path: Path) -> None:
    """Files are not mixed."""
    place = default_paths()[0]
    place.parent.mkdir(parents=True)
    place.write_text("log_level = 'debug'")
    assert load_config(written(tmp_path, ""), {}, {}).log_level == "info"


def test_usual_place_that_cannot_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service whose home is closed to it (here: has an impossible name) starts with the next place."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/" + "x" * 300)
    monkeypatch.setenv("HOME", "/" + "x" * 300)
    assert load_config(None, {}, {}).voice == VoiceConfig()


# Mistakes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[voice]\nspede = 1.0", "voice.spede: unknown key; did you mean speed?"),
        ("[sever]\nuri = 'x'", "sever: unknown key; did you mean server?"),
        ("[voices.kitchen]\nspeed = 1.1", "voices.kitchen: Object missing required field `base`"),
        ("[voices.kitchen]\nbase = 'af_heart'\nspede = 1.1", "voices.kitchen.spede: unknown key; did you mean speed?"),
        ("[voices.kitchen]\nbase = 'af_heart'\nspeed = 3", "voices.kitchen.speed: Expected `float` <= 2.0"),
        ("[voices.kitchen]\nbase = ['af_heart']", "voices.kitchen.base: Expected `str`, got `array`"),
        ("[voices]\nkitchen = 'af_heart'", "voices.kitchen: must be a table: [voices.kitchen]"),
        ("[voice]\nloudness = 'loud'", "voice.loudness: must be one of normalized, original"),
        ("loglevel = 'info'", "loglevel: unknown key; did you mean log_level?"),
        ("[voice]\nspeed = 'fast'", "voice.speed: Expected `float`, got `str`"),
        ("[voice]\nspeed = 2.5", "voice.speed: Expected `float` <= 2.0"),
        ("[voice]\nspeed = nan", "voice.speed: Expected `float` >= 0.5"),
        ("[model]\nthreads = 65", "model.threads: Expected `int` <= 64"),
        ("[speech]\ntail_ms = -1", "speech.tail_ms: Expected `int` >= 0"),
        ("[server]\nstream_timeout_seconds = 0", "server.stream_timeout_seconds: Expected `float` > 0.0"),
        ("[server]\nallowed_networks = '10.0.0.0/8'", "server.allowed_networks: Expected `array`, got `str`"),
        ("server = 5", "server: Expected `object`, got `int`"),
        ("[[voice]]\nname = 'x'", "voice: Expected `object`, got `array`"),
    ],
)
def test_mistake_is_told_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    """Every mistake is one line that says where to look."""
    assert refusal(written(tmp_path, text)) == f"{tmp_path / 'here.toml'}: {message}"


def test_internal_field_is_no_key(tmp_path: Path) -> None:
    """`where` is ours; nobody can write it, or is told to."""
    assert refusal(written(tmp_path, "where = 'x'")).startswith(f"{tmp_path / 'here.toml'}: where: unknown key")
    assert "did you mean where" not in refusal(written(tmp_path, "were = 'x'"))


def test_text_that_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    """The parser's line and column are passed on."""
    message = refusal(written(tmp_path, "[voice]\nspeed 1.0\n"))
    assert message.startswith(f"{tmp_path / 'here.toml'}: is not TOML: ")
    assert "line 2" in message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file of another encoding is refused like any other that is not TOML."""
    file = tmp_path / "here.toml"
    file.write_bytes(b"[voice]\nname = '\xe4'\n")
    assert refusal(file).startswith(f"{file}: is not TOML: ")


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The reason is the system's, the next step is ours."""
    assert refusal(tmp_path / "gone.toml").endswith("cannot be read (No such file or directory); check the path")
    assert refusal(tmp_path).endswith("cannot be read (Is a directory); check the path")


# Anything at all

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
def test_any_table_is_a_configuration_or_one_line(table: dict[str, Any]) -> None:
    """Nothing that TOML can say ends in a traceback; what is refused is in the file, and named."""
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
        again = {key: value for key, value in asdict(config).items() if key != "source"}
        assert parse_settings(Config, again, "here.toml") == config


def test_directories_that_systemd_gives(tmp_path: Path) -> None:
    """The first of each stands where nobody names another; a service has no home to fall back on."""
    given = {"CACHE_DIRECTORY": "/var/cache/wyoming-kokoro:/var/cache/more", "STATE_DIRECTORY": "/var/lib/x"}
    directories = load_config(None, given, {}).directories
    assert (directories.cache, directories.state) == ("/var/cache/wyoming-kokoro", "/var/lib/x")
    named = load_config(written(tmp_path, "[directories]\ncache = '/mnt/c'\n"), given, {}).directories
    assert (named.cache, named.state) == ("/mnt/c", "/var/lib/x")
    assert load_config(None, {**given, "WYOMING_KOKORO_STATE": "/mnt/s"}, {}).directories.state == "/mnt/s"
    assert load_config(None, {"CACHE_DIRECTORY": ""}, {}) == Config()


def test_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service of systemd has none: what is in homes is not looked for, and directories must be named."""
    for name in [name for name in os.environ if name.startswith("XDG_")] + ["HOME"]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 64321)
    config = load_config(None, {"CACHE_DIRECTORY": "/var/cache/x"}, {})
    assert config.directories.cache_path == Path("/var/cache/x")
    with pytest.raises(
        ConfigError, match=r"directories\.state: this user has no home directory; set a directory with --state"
    ):
        _ = config.directories.state_path
