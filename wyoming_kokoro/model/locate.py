"""Finding the model, and knowing that it is the one it claims to be."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming_kokoro.api.model_sources import ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.errors import StartupError


def find_model(request: ModelRequest, sources: Iterable[ModelSource]) -> ModelFiles:
    """Return the files of the first source that has what is requested. Raises `StartupError`."""
    asked = []
    for source in sources:
        if files := source.find(request):
            return files
        asked.append(source.name)
    wanted = f"the model {request.path!r}" if request.path else "the default model"
    raise StartupError(
        f"{wanted} is not found (asked: {', '.join(asked) or 'nobody'});"
        " give the path of a kokoro-onnx v1.0 file with --model, or see `wyoming-kokoro download --help`"
    )
