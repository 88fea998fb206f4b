"""The file we ship: every key at its default, each with its line of why."""

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
SHIPPED = Path(__file__).parents[1] / "config.toml"
TABLE = tomllib.loads(SHIPPED.read_text("utf-8"))
KEYS = [
    (number, line.split(" = ")[0])
    for number, line in enumerate(SHIPPED.read_text("utf-8").splitlines())
    if re.match(r"\w+ = ", line)
]
BUILT_IN = [plugin.entry for plugin in installed_plugins() if plugin.is_builtin]


def test_shipped_file_is_the_defaults() -> None:
    """Copying the file changes nothing."""
    config = load_config(SHIPPED, {}, {})
    assert config.source == str(SHIPPED)
    assert replace(config, source=Config().source, plugins={}) == Config()


def test_shipped_file_has_every_key_at_its_default() -> None:
    """Nothing that can be set is missing, and nothing else is in it."""
    defaults = {key: value for key, value in asdict(Config()).items() if key not in ("source", "plugins")}
    shipped = {key: value for key, value in TABLE.items() if key != "plugins"}
    assert list(_flat(shipped)) == list(_flat(defaults))


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, type, Any]]:
    """Yield every key with its type, so that 1 is not taken for 1.0, in the order of the dataclasses."""
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    for key, value in table.items():
        if key not in tables:
            value = tuple(value) if isinstance(value, list) else value  # noqa: PLW2901 TOML has no tuples
            yield above + key, type(value), value
    for key, value in tables.items():
        yield from _flat(value, f"{above}{key}.")


def test_the_example_of_an_own_voice_is_one() -> None:
    """Without its `#` it is a voice, which has every key there is."""
    lines = SHIPPED.read_text("utf-8").splitlines()
    first = lines.index("# [voices.kitchen]")
    example = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines[first : lines.index("", first)]))
    (kitchen,) = example["voices"].values()
    assert list(kitchen) == [field.name for field in fields(VoiceAlias)]
    (voice,) = parse_settings(Config, example, str(SHIPPED)).voices.values()
    defaults = VoiceAlias(voice.base)
    assert (voice.speed, voice.volume) == (1.1, defaults.volume)
    assert Blend.parse(voice.base).names == ("af_heart", "af_bella")


@pytest.mark.parametrize(("number", "key"), KEYS, ids=[key for _, key in KEYS])
def test_shipped_file_says_why(number: int, key: str) -> None:
    """Each key has one line of comment of its own right before it."""
    lines = SHIPPED.read_text("utf-8").splitlines()
    assert re.match(r"# \S.{10,}[^:,]$", lines[number - 1])
    before = lines[number - 2]
    assert not before.startswith("#") or before == "# enabled = false"


def test_every_key_of_the_shipped_file_is_examined() -> None:
    """The keys that the tests find by their lines are all there are."""
    assert [key for _, key in KEYS] == [name.rpartition(".")[2] for name, _, _ in _in_file_order(TABLE)]


def _in_file_order(table: dict[str, Any]) -> list[tuple[str, type, Any]]:
    return list(_flat(table))


def test_every_built_in_plugin_has_its_table() -> None:
    """A plugin's table is found by its name, and says how to leave the plugin out."""
    assert list(TABLE["plugins"]) == sorted(entry.name for entry in BUILT_IN)
    text = SHIPPED.read_text("utf-8")
    for entry in BUILT_IN:
        assert f"[plugins.{entry.name}]\n# enabled = false\n" in text


class Watching(PluginContext):
    """Remembers which dataclass a plugin keeps its settings in."""

    def settings(self, cls: type[T]) -> T:
        self.log.info("%s", cls, extra={"settings": cls})
        return super().settings(cls)


@pytest.mark.parametrize("entry", BUILT_IN, ids=[entry.name for entry in BUILT_IN])
def test_every_plugins_table_has_its_settings_at_their_defaults(
    entry: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A plugin's table is its settings dataclass: every key, at its default, and nothing else."""
    table = TABLE["plugins"][entry.name]
    with caplog.at_level(logging.INFO), suppress(PluginUnavailable):
        entry.load()(Watching(entry.name, tmp_path, tmp_path, logging.getLogger("watching"), table))
    (cls,) = (record.settings for record in caplog.records if hasattr(record, "settings"))
    assert isinstance(cls, type)
    assert is_dataclass(cls)
    assert list(table) == [field.name for field in fields(cls)]
    assert parse_settings(cls, table, str(SHIPPED)) == cls()
