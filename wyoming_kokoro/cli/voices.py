"""`voices`: list the voices that clients can select."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config
from wyoming_kokoro.terminal import format_table


def add_parser(commands: Commands) -> None:
    """Add the command."""
    commands.add("voices", "list the voices with their languages and grades", run, has_json=True)


def run(config: Config, options: argparse.Namespace) -> int:
    """Print the voices. Raises `StartupError`."""
    from wyoming_kokoro.plugins.manager import PluginManager
    from wyoming_kokoro.speech.voice_catalog import VoiceCatalog

    voices = VoiceCatalog.for_config(config, PluginManager.load(config)).voices
    if options.json:
        print(json.dumps([asdict(voice) for voice in voices], indent=2))
    else:
        rows = [[voice.name, voice.language, voice.description, voice.grade, voice.base] for voice in voices]
        print(format_table(["name", "language", "description", "grade", "base"], rows))
    return 0
