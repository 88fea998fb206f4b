"""`words`, `words add` and `words remove`: show and change the words of the lexicon.

A running server uses the changes from the next sentence on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.terminal import format_table

if TYPE_CHECKING:
    from wyoming_kokoro.api.lexicon import Lexicon
    from wyoming_kokoro.plugins.manager import PluginManager


def add_parser(commands: Commands) -> None:
    """Add the command, which lists the words without an action, and its actions."""
    parser = commands.add("words", "list or change the pronunciation of words", run_list, has_json=True)
    actions = Commands(parser.add_subparsers(title="actions", metavar="ACTION"))
    actions.add("list", "list the words, as without an action", run_list, has_json=True)
    add = actions.add("add", "teach a word, or change its pronunciation", run_add)
    add.add_argument("word", help="a word in lower case matches every spelling; any other word matches only itself")
    add.add_argument("sound", help="another spelling, or IPA between slashes")
    remove = actions.add("remove", "remove a taught word", run_remove)
    remove.add_argument("word")
    for action in (add, remove):
        action.add_argument("--language", help="such as en; default: the language of the default voice")


def run_list(config: Config, options: argparse.Namespace) -> int:
    """Print the words of the configuration and the taught words."""
    _, lexicon = _open_lexicon(config)
    entries = lexicon.entries()
    if options.json:
        print(json.dumps([asdict(entry) for entry in entries], indent=2))
    else:
        rows = [[entry.word, entry.sound, entry.language, entry.origin or "taught"] for entry in entries]
        print(format_table(["word", "sounds like", "language", "from"], rows))
    return 0


def run_add(config: Config, options: argparse.Namespace) -> int:
    """Teach a word. Raises `LexiconError`."""
    from wyoming_kokoro.api.lexicon import LexiconEntry

    plugins, lexicon = _open_lexicon(config)
    language = options.language or _default_language(config, plugins)
    entry = lexicon.teach(LexiconEntry(options.word, options.sound, language))
    print(f"{entry.word} ({entry.language}) sounds like {entry.sound}")
    return 0


def run_remove(config: Config, options: argparse.Namespace) -> int:
    """Remove a taught word. Raises `LexiconError`."""
    plugins, lexicon = _open_lexicon(config)
    language = options.language or _default_language(config, plugins)
    lexicon.forget(options.word, language)
    print(f"Removed {options.word} ({language}).")
    return 0


def _open_lexicon(config: Config) -> tuple[PluginManager, Lexicon]:
    from wyoming_kokoro.plugins.manager import PluginManager

    plugins = PluginManager.load(config)
    lexicon = plugins.lexicon()
    if lexicon is None:
        raise StartupError("there is no lexicon; enable the plugin lexicon")
    return plugins, lexicon


def _default_language(config: Config, plugins: PluginManager) -> str:
    """Return the primary subtag of the default voice's language."""
    from wyoming_kokoro.speech.voice_catalog import VoiceCatalog

    return VoiceCatalog.for_config(config, plugins).default_voice.language.partition("-")[0]
