"""Finds the model's files among the model sources."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro.api.model_sources import ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.errors import StartupError


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
