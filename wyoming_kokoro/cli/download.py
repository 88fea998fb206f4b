"""`download`: get a model file by its name.

The core has no list of files. It asks the model sources of the plugins, which may download for this command only.
"""

from __future__ import annotations

import argparse

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config

VOICES = "voices"


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("download", "download another model file of kokoro-onnx", run)
    parser.add_argument("name", nargs="?", default="fp16", help="int8, fp16, fp32 or voices; default: fp16")


def run(config: Config, options: argparse.Namespace) -> int:
    """Download the file, verify it, and print its path and the setting that uses it. Raises `StartupError`."""
    from wyoming_kokoro.api.model_sources import ModelRequest
    from wyoming_kokoro.model.locate import find_model
    from wyoming_kokoro.plugins.manager import PluginManager

    name = options.name
    sources = PluginManager.load(config).model_sources()
    if name == VOICES:
        files = find_model(ModelRequest("", name, may_download=True), sources)
        print(f'{files.voices} is verified.\nNext: set [model] voices = "{name}" in config.toml')
    else:
        files = find_model(ModelRequest(name, "", may_download=True), sources)
        print(f"{files.model} is verified.")
        print(f'Next: run wyoming-kokoro --model {name}, or set [model] path = "{name}" in config.toml')
    return 0
