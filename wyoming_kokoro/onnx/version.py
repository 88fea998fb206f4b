"""The installed version of ONNX Runtime."""

from __future__ import annotations

from contextlib import suppress
from importlib import metadata

DISTRIBUTIONS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-rocm", "onnxruntime-migraphx", "onnxruntime-openvino")


def onnxruntime_version() -> str:
    """Return the version of the installed build of ONNX Runtime, without importing it."""
    for name in DISTRIBUTIONS:
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "unknown"
