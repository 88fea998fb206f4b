"""Which ONNX Runtime is installed, without importing it."""

from __future__ import annotations

from importlib import metadata, util
from pathlib import Path


def package_folder() -> Path | None:
    """Return the folder of the package `onnxruntime`, whichever distribution it is from."""
    found = util.find_spec("onnxruntime")
    return Path(found.origin).parent if found and found.origin else None


def distribution_version(distribution: str) -> str:
    """Return the version of `distribution`, or else of the `onnxruntime` that somebody built with the same contents."""
    for name in (distribution, "onnxruntime"):
        try:
            return f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return ""
