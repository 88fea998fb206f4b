"""`download`: get a model file by its name.

The core has no list of files: it asks the plugins' model sources, which may download for this command.
"""

from __future__ import annotations

from wyoming_kokoro.api.model_sources import ModelRequest
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.locate import find_model
from wyoming_kokoro.plugins.manager import PluginManager

VOICES = "voices"


def download(config: Config, name: str) -> str:
    """Return the path of the verified file, and the setting that uses it. Raises `StartupError`."""
    sources = PluginManager.load(config).model_sources()
    if name == VOICES:
        files = find_model(ModelRequest("", name, may_download=True), sources)
        return f'{files.voices} is verified.\nNext: set [model] voices = "{name}" in config.toml'
    files = find_model(ModelRequest(name, "", may_download=True), sources)
    return (
        f"{files.model} is verified.\n"
        f'Next: run wyoming-kokoro --model {name}, or set [model] path = "{name}" in config.toml'
    )
