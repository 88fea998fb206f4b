"""Finds the files of the model."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro.api.model_sources import ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.plugins.manager import PluginManager


def find_files(config: Config, plugins: PluginManager) -> tuple[ModelFiles, Styles]:
    """Return the files of the configured model, and the styles of its voices. Raises `StartupError`."""
    files = find_model(ModelRequest(config.model.path, config.model.voices), plugins.model_sources())
    return files, Styles.from_file(files.voices) if files.voices else builtin_styles()


def find_model(request: ModelRequest, sources: Iterable[ModelSource]) -> ModelFiles:
    """Return the files of the first source that has the requested model. Raises `StartupError`."""
    asked = []
    for source in sources:
        if files := source.find(request):
            return files
        asked.append(source.name)
    wanted = f"the model {request.path!r}" if request.path else "the default model"
    raise StartupError(
        f"{wanted} is not found (searched: {', '.join(asked) or 'no sources'});"
        " set --model to the path of a kokoro-onnx v1.0 file, or see `wyoming-kokoro download --help`"
    )
