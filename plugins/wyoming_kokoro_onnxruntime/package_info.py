"""The installed build of ONNX Runtime, found without importing it."""

from __future__ import annotations

from importlib import metadata, util
from pathlib import Path


def package_folder() -> Path | None:
    """Return the folder of the package `onnxruntime`, which every build has, or None."""
    found = util.find_spec("onnxruntime")
    return Path(found.origin).parent if found and found.origin else None


def distribution_version(distribution: str) -> str:
    """Return name and version of `distribution`, or else of a custom build named `onnxruntime`."""
    for name in (distribution, "onnxruntime"):
        try:
            return f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return ""
