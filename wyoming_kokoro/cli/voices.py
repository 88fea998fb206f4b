"""The `voices` command."""

from __future__ import annotations

import json
from dataclasses import asdict

from wyoming_kokoro.backend import find_files, find_phonemizers, find_voices
from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager


def voices(config: Config, as_json: bool) -> str:
    """Return the advertised voices. Raises `StartupError`."""
    plugins = PluginManager.load(config)
    files, styles = find_files(config, plugins)
    cast = find_voices(config, files, styles, find_phonemizers(published_voices(styles.names), plugins))
    if as_json:
        return json.dumps([asdict(voice) for voice in cast.voices], indent=2)
    rows = [[voice.name, voice.language, voice.description, voice.grade, voice.base] for voice in cast.voices]
    return table(["name", "language", "description", "grade", "base"], rows)
