"""The model files that kokoro-onnx publishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import Download

RELEASE_URL = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A published file."""

    name: str
    sha256: str
    description: str


RELEASE_FILES: Mapping[str, ReleaseFile] = {
    "int8": ReleaseFile(
        "kokoro-v1.0.int8.onnx",
        "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        "the full model in int8, which is the built-in one",
    ),
    "fp16": ReleaseFile(
        "kokoro-v1.0.fp16.onnx",
        "c1610a859f3bdea01107e73e50100685af38fff88f5cd8e5c56df109ec880204",
        "the full model in float16",
    ),
    "fp32": ReleaseFile(
        "kokoro-v1.0.onnx",
        "7d5df8ecf7d4b1878015a32686053fd0eebe2bc377234608764cc0ef3636a6c5",
        "the full model in float32",
    ),
    "voices": ReleaseFile(
        "voices-v1.0.bin",
        "bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d",
        "the voices of the full model",
    ),
}
"""The files by the names that `wyoming-kokoro download` and the configuration use."""


def release_downloads(folder: Path, url: str) -> Iterator[Download]:
    """Yield the files. `folder` stores them, and `url` is the address of the folder with the published files."""
    for name, release in RELEASE_FILES.items():
        step = f'run wyoming-kokoro --model {name}, or set [model] path = "{name}" in config.toml'
        if name == "voices":
            step = f'set [model] voices = "{name}" in config.toml'
        yield Download(
            name,
            release.description,
            f"{url.rstrip('/')}/{release.name}",
            release.sha256,
            folder / release.name,
            step,
        )
