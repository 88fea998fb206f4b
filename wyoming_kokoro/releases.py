"""What `wyoming-kokoro download` can get, and where it is kept; importing this needs no HTTP client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

RELEASES_URL = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"
"""The release of kokoro-onnx that the files belong to."""

RELEASES_VARIABLE = "WYOMING_KOKORO_RELEASES"
"""The environment variable that names a mirror of `RELEASES_URL`."""


@dataclass(frozen=True, slots=True)
class Release:
    """One file of the release."""

    file: str
    sha256: str = ""
    """In hexadecimal; empty where it is not known, so that the first download is trusted."""


RELEASES: Mapping[str, Release] = MappingProxyType(
    {
        "int8": Release("kokoro-v1.0.int8.onnx", "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"),
        "fp16": Release("kokoro-v1.0.fp16.onnx", "c1610a859f3bdea01107e73e50100685af38fff88f5cd8e5c56df109ec880204"),
        "fp32": Release("kokoro-v1.0.onnx"),
        "voices": Release("voices-v1.0.bin", "bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d"),
    }
)
"""The files by the name of their variant."""


def downloads(cache: Path) -> Path:
    """Return the folder of the downloads below the cache directory; it may not exist yet."""
    return cache / "downloads"
