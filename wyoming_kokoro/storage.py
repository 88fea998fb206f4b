"""What a file is known by."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_MEMORY = "digests.json"
_BLOCK = 1 << 20


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


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal. Raises `OSError`."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
