"""`download`: get a model file by its name.

The core has no list of files: it asks the plugins' model sources, which may download for this command.
"""

from __future__ import annotations

from wyoming_kokoro.config import Config
from wyoming_kokoro.model.assets import find_model
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.types import ModelRequest

VOICES = "voices"


def download(config: Config, name: str) -> str:
    """Return the path of the verified file, and the setting that uses it. Raises `StartupError`."""
    sources = Plugins.load(config).model_sources()
    if name == VOICES:
        files = find_model(ModelRequest("", name, may_download=True), sources)
        return f'{files.voices} is verified.\nNext: set [model] voices = "{name}" in config.toml'
    files = find_model(ModelRequest(name, "", may_download=True), sources)
    return (
        f"{files.model} is verified.\n"
        f'Next: run wyoming-kokoro --model {name}, or set [model] path = "{name}" in config.toml'
    )
