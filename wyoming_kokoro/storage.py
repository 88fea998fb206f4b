"""What a file is known by."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from wyoming_kokoro.model.locate import sha256_of

BUILDS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-rocm", "onnxruntime-migraphx", "onnxruntime-openvino")
_MEMORY = "digests.json"


def remembered_sha256(file: Path, cache_dir: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal; a file that did not change is read once.

    What was read is remembered in `cache_dir`, by size and time of change. Raises `OSError` when `file` cannot be read.
    """
    state = file.stat()
    stamp = [state.st_size, state.st_mtime_ns, state.st_ino]
    memory = cache_dir / _MEMORY
    known = _recall(memory)
    entry = known.get(str(file))
    if isinstance(entry, list) and entry[:-1] == stamp:
        return str(entry[-1])
    digest = sha256_of(file)
    _remember(memory, {**known, str(file): [*stamp, digest]})
    return digest


def onnxruntime_version() -> str:
    """Return the version of ONNX Runtime, whichever of its builds is installed, without importing it."""
    for name in BUILDS:
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "unknown"


def _recall(memory: Path) -> dict[str, object]:
    try:
        known = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(memory: Path, known: dict[str, object]) -> None:
    """Write what is known, whole or not at all; where nothing can be written, files are read again."""
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=memory.parent, prefix=".digests-")
        with os.fdopen(handle, "w") as stream:
            json.dump(known, stream)
        Path(part).replace(memory)
