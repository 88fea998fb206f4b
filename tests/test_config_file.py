"""Tests of config.toml, which contains every setting at its default."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from wyoming_kokoro import PluginContext, PluginUnavailable
from wyoming_kokoro.config import Config, VoiceAlias, load_config
from wyoming_kokoro.model.blend import Blend
from wyoming_kokoro.plugins.loader import installed_plugins
from wyoming_kokoro.settings import parse_settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")
CONFIG_FILE = Path(__file__).parents[1] / "config.toml"
TABLE = tomllib.loads(CONFIG_FILE.read_text("utf-8"))
KEYS = [
    (number, line.split(" = ")[0])
    for number, line in enumerate(CONFIG_FILE.read_text("utf-8").splitlines())
    if re.match(r"\w+ = ", line)
]
BUILTIN_ENTRIES = [plugin.entry for plugin in installed_plugins() if plugin.is_builtin]


def test_loaded_file_equals_the_defaults() -> None:
    config = load_config(CONFIG_FILE, {}, {})
    assert config.source == str(CONFIG_FILE)
    assert replace(config, source=Config().source, plugins={}) == Config()


def test_file_has_exactly_the_keys_of_the_dataclasses_in_order() -> None:
    defaults = {key: value for key, value in asdict(Config()).items() if key not in ("source", "plugins")}
    file_keys = {key: value for key, value in TABLE.items() if key != "plugins"}
    assert list(_flat(file_keys)) == list(_flat(defaults))


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, type, Any]]:
    """Yield each key with its type, because 1 == 1.0."""
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    for key, value in table.items():
        if key not in tables:
            value = tuple(value) if isinstance(value, list) else value  # noqa: PLW2901 TOML has no tuples
            yield above + key, type(value), value
    for key, value in tables.items():
        yield from _flat(value, f"{above}{key}.")


def test_example_of_a_voice_alias_is_valid_and_complete() -> None:
    lines = CONFIG_FILE.read_text("utf-8").splitlines()
    first = lines.index("# [voices.kitchen]")
    example = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines[first : lines.index("", first)]))
    (kitchen,) = example["voices"].values()
    assert list(kitchen) == [field.name for field in fields(VoiceAlias)]
    (voice,) = parse_settings(Config, example, str(CONFIG_FILE)).voices.values()
    defaults = VoiceAlias(voice.base)
    assert (voice.speed, voice.volume) == (1.1, defaults.volume)
    assert Blend.parse(voice.base).names == ("af_heart", "af_bella")


@pytest.mark.parametrize(("number", "key"), KEYS, ids=[key for _, key in KEYS])
def test_key_has_one_line_of_comment(number: int, key: str) -> None:
    lines = CONFIG_FILE.read_text("utf-8").splitlines()
    assert re.match(r"# \S.{10,}[^:,]$", lines[number - 1])
    before = lines[number - 2]
    assert not before.startswith("#") or before == "# enabled = false"


def test_comment_test_covers_all_keys() -> None:
    assert [key for _, key in KEYS] == [name.rpartition(".")[2] for name, _, _ in _flat(TABLE)]


def test_each_builtin_plugin_has_a_table() -> None:
    assert list(TABLE["plugins"]) == sorted(entry.name for entry in BUILTIN_ENTRIES)
    text = CONFIG_FILE.read_text("utf-8")
    for entry in BUILTIN_ENTRIES:
        assert f"[plugins.{entry.name}]\n# enabled = false\n" in text


class SettingsLoggingContext(PluginContext):
    """Logs the settings dataclass of the plugin."""

    def settings(self, cls: type[T]) -> T:
        self.log.info("%s", cls, extra={"settings": cls})
        return super().settings(cls)


@pytest.mark.parametrize("entry", BUILTIN_ENTRIES, ids=[entry.name for entry in BUILTIN_ENTRIES])
def test_table_of_plugin_has_its_settings_at_their_defaults(
    entry: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = TABLE["plugins"][entry.name]
    with caplog.at_level(logging.INFO), suppress(PluginUnavailable):
        entry.load()(SettingsLoggingContext(entry.name, tmp_path, tmp_path, logging.getLogger("settings"), table))
    (cls,) = (record.settings for record in caplog.records if hasattr(record, "settings"))
    assert isinstance(cls, type)
    assert is_dataclass(cls)
    assert list(table) == [field.name for field in fields(cls)]
    assert parse_settings(cls, table, str(CONFIG_FILE)) == cls()
