"""`voices` and `plugins`: what there is, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields

from wyoming_kokoro.backend import find_files, find_phonemizers
from wyoming_kokoro.config import Config
from wyoming_kokoro.loading import Loaded
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.types import Voice


def voices(config: Config, as_json: bool) -> str:
    """Return the advertised voices. Raises `StartupError`."""
    plugins = Plugins.load(config)
    _, styles = find_files(config, plugins)
    known = catalogue(styles.names)
    phonemizers = find_phonemizers(known, plugins)
    rows = sorted(
        (voice for voice in known if voice.language in phonemizers),
        key=lambda voice: (voice.language, voice.description),
    )
    if as_json:
        return json.dumps([asdict(voice) for voice in rows], indent=2)
    return table([field.name for field in fields(Voice)], [list(asdict(voice).values()) for voice in rows])


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
