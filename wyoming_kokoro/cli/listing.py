"""`voices` and `plugins`: what there is, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from wyoming_kokoro.backend import find_cast, find_files, find_phonemizers
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.plugins.loader import Loaded
from wyoming_kokoro.plugins.manager import Plugins


def voices(config: Config, as_json: bool) -> str:
    """Return the advertised voices. Raises `StartupError`."""
    plugins = Plugins.load(config)
    files, styles = find_files(config, plugins)
    cast = find_cast(config, files, styles, find_phonemizers(catalogue(styles.names), plugins))
    if as_json:
        return json.dumps([asdict(voice) for voice in cast.voices], indent=2)
    rows = [[voice.name, voice.language, voice.description, voice.grade, voice.base] for voice in cast.voices]
    return table(["name", "language", "description", "grade", "base"], rows)


def plugins(config: Config, as_json: bool) -> str:
    """Return what became of every installed plugin."""
    loaded = Plugins.load(config).loaded
    if as_json:
        return json.dumps([asdict(plugin) for plugin in loaded], indent=2)
    return table(["name", "from", "status", "hooks"], [_row(plugin) for plugin in loaded])


def _row(plugin: Loaded) -> list[str]:
    status = f"{plugin.status}: {plugin.why}" if plugin.why else plugin.status
    return [plugin.name, f"{plugin.distribution} {plugin.version}", status, " ".join(plugin.hooks)]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return aligned columns."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
