"""Write docs/configuration.md from the settings dataclasses and config.toml.

    python -m tools.data.make_configuration_page

The dataclasses give the type and the range of each setting. config.toml gives the default and one line of description.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Meta

from wyoming_kokoro import PluginContext
from wyoming_kokoro.cli.overrides import OVERRIDES
from wyoming_kokoro.config import ENVIRONMENT, Config, VoiceAlias
from wyoming_kokoro.plugins.loader import installed_plugins

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "configuration.md"
INTRODUCTION = """\
# Configuration

<!-- `python -m tools.data.make_configuration_page` writes this page from config.toml and the settings dataclasses. -->

The server reads the first of these files that exists:

1. the file that `--config FILE` names,
2. `~/.config/wyoming-kokoro/config.toml` (on macOS `~/Library/Application Support/wyoming-kokoro/config.toml`),
3. `/etc/wyoming-kokoro/config.toml`.

The command line overrides the environment, the environment overrides the file, and the file overrides the defaults. An
unknown key, a wrong type or a value out of range stops the start with an error that names the key.

[config.toml][file] contains every setting at its default value. Copy the settings that you change.

`enabled = false` in the table of a plugin disables the plugin. `wyoming-kokoro plugins` lists the installed plugins.

[file]: https://github.com/wyoming-kokoro/wyoming-kokoro/blob/main/config.toml
"""
NOTES = {
    "voices.NAME": "Each table defines a voice with the name NAME. See [Voices](voices.md#your-own-voices).",
    "plugins.lexicon": "See [Languages](languages.md#correct-a-word).",
    "plugins.warmup.devices": "The names of your devices, as Home Assistant has them.",
}
VOICE_ALIAS = {
    "base": "A voice, or a blend such as `af_heart*2+af_bella`. Required.",
    "speed": "Multiplies `[voice] speed`.",
    "volume": "Multiplies `[voice] volume`.",
    "language": "The language, such as `en-US`. Empty: the language of the base, or of the first voice of a blend.",
    "quality": "Which model speaks, as in `[voice]`. Empty: `[voice] quality`.",
    "fallback": "The voice or blend that speaks if no model can speak this one. Empty: `[voice] fallback`.",
    "chime": "A sound file that plays before the speech, at most 10 s. Relative paths start at the configuration file.",
    "rate": "Samples per second. `0`: `[audio] rate`.",
    "description": "The text in Home Assistant's list. Empty: a text made from the name and the base.",
}
HEAD = ("| key | type | default | description |", "|---|---|---|---|")
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


class SettingsFound(Exception):
    """Carries the settings dataclass of a plugin out of its constructor."""

    def __init__(self, cls: type) -> None:
        self.cls = cls


class SettingsProbe(PluginContext):
    """A context that raises `SettingsFound` when the plugin reads its settings."""

    def settings(self, cls: type[T]) -> T:
        """Raise `SettingsFound`."""
        raise SettingsFound(cls)


def main() -> None:
    """Write the page."""
    PAGE.write_text(format_page(), "utf-8")


def format_page() -> str:
    """Return the text of the page."""
    text = (ROOT / "config.toml").read_text("utf-8")
    defaults, descriptions = tomllib.loads(text), read_descriptions(text)
    sections, without = [INTRODUCTION], []
    for name, cls in settings_classes():
        rows = list(format_rows(cls, name, defaults, descriptions))
        if not rows:
            without.append(f"`{name.removeprefix('plugins.')}`")
            continue
        title = f"`[{name}]`" if name else "Top level"
        notes = [NOTES[name], ""] if name in NOTES else []
        sections.append("\n".join([f"## {title}", "", *notes, *HEAD, *rows, ""]))
    sections.append(f"## Plugins without settings\n\n{', '.join(without)}\n")
    return "\n".join(sections)


def settings_classes() -> Iterator[tuple[str, type]]:
    """Yield the name and the dataclass of each table, in the order of config.toml."""
    yield "", Config
    for name, hint in get_type_hints(Config).items():
        if isinstance(hint, type) and is_dataclass(hint):
            yield name, hint
        elif get_origin(hint) is dict and get_args(hint)[1] is VoiceAlias:
            yield f"{name}.NAME", VoiceAlias
    for name, cls in plugin_settings().items():
        yield f"plugins.{name}", cls
        for key, hint in get_type_hints(cls).items():
            if isinstance(hint, type) and is_dataclass(hint):
                yield f"plugins.{name}.{key}", hint


def plugin_settings() -> dict[str, type]:
    """Return the settings dataclass of each built-in plugin."""
    return {plugin.name: _probe(plugin.entry) for plugin in installed_plugins() if plugin.is_builtin}


def _probe(entry: EntryPoint) -> type:
    try:
        entry.load()(SettingsProbe(entry.name, Path(), Path(), logging.getLogger()))
    except SettingsFound as found:
        return found.cls
    raise AssertionError(f"the plugin {entry.name} does not read its settings")


def read_descriptions(text: str) -> dict[str, str]:
    """Return the comment above each key of a TOML `text`, by the dotted name of the key."""
    descriptions, table, comment = {}, "", ""
    for line in text.splitlines():
        if header := re.fullmatch(r"\[(.+)\]", line):
            table = header[1] + "."
        elif key := re.match(r"(\w+) = ", line):
            descriptions[table + key[1]] = comment
        comment = line.removeprefix("# ") if line.startswith("# ") else ""
    return descriptions


def format_rows(cls: type, table: str, defaults: Mapping[str, Any], descriptions: Mapping[str, str]) -> Iterator[str]:
    """Yield one row of a Markdown table for each key of `cls`."""
    hints = get_type_hints(cls, include_extras=True)
    for part in table.split(".") if table else ():
        defaults = defaults.get(part, {})  # `voices.NAME` is only a comment in config.toml
    for field in fields(cls):
        hint = hints[field.name]
        if "internal" in field.metadata or is_dataclass(hint) or (not table and field.name in ("voices", "plugins")):
            continue
        key = f"{table}.{field.name}" if table else field.name
        default = defaults.get(field.name, field.default)
        about = " ".join(filter(None, [_described(key, hint, descriptions), _also(table, field.name)]))
        shown = "table" if get_origin(hint) is dict else format_type(hint)
        value = f"`{json.dumps(default)}`" if isinstance(default, (str, int, float, list)) else ""
        yield f"| `{field.name}` | {shown} | {value} | {about.replace('|', chr(92) + '|')} |"


def format_type(hint: Any) -> str:
    """Return the type and the range of a setting in words, such as `number, 0.5 to 2.0`."""
    if get_origin(hint) is Annotated:
        inner, *metas = get_args(hint)
        return ", ".join([format_type(inner), *(words for meta in metas if (words := _range(meta)))])
    if get_origin(hint) is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {format_type(get_args(hint)[0])}s".replace("string, ", "string ")
    return TYPES[hint]


def _range(meta: Meta) -> str:
    least = meta.ge if meta.ge is not None else meta.gt
    if least is None:
        return ""
    if meta.le is None:
        return f"more than {least}" if meta.gt is not None else f"at least {least}"
    return f"{least} to {meta.le}"


def _described(key: str, hint: Any, descriptions: Mapping[str, str]) -> str:
    if key.startswith("voices.NAME."):
        return VOICE_ALIAS[key.rpartition(".")[2]]
    if key == "plugins.openai.voices":
        return "The voices, aliases or blends for the voice names of OpenAI, and for names of your own."
    if get_origin(hint) is dict:
        return "Words and their pronunciation: another spelling, or IPA between slashes."
    return descriptions[key]


def _also(table: str, key: str) -> str:
    """Return the option and the variable that set the same key."""
    options = [
        f"`--{name}`" for name, override in OVERRIDES.items() if (override.section, override.key) == (table, key)
    ]
    variables = [
        f"`{name}`" for name, (section, its_key, _) in ENVIRONMENT.items() if (section, its_key) == (table, key)
    ]
    return f"({', '.join(options + variables)})" if options or variables else ""


if __name__ == "__main__":
    main()
