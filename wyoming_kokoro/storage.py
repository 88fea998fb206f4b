"""Atomic file writes, file locks and file digests."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from wyoming_kokoro.decoding import parse_json

_DIGESTS_FILE = "digests.json"
_BLOCK_BYTES = 1 << 20
# A preparation takes a second or two.
CHILD_TIMEOUT_SECONDS = 120.0
DAY_SECONDS = 24 * 3600
# Prepared models that no server has opened for this time are removed.
UNUSED_DAYS = 30
# Those of the current model from another version, and unfinished ones, are removed earlier.
SUPERSEDED_DAYS = 1

log = logging.getLogger(__name__)


def write_atomically(file: Path, content: bytes) -> None:
    """Write `content` to `file` and create missing folders. Raises `OSError`.

    After a crash or a power failure, `file` has its old or its new content.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with open_atomically(file) as stream:
        stream.write(content)


@contextmanager
def open_atomically(file: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose content replaces `file` when the block ends. Raises `OSError`.

    If the block raises, `file` stays as it was.
    """
    part = file.with_name(f".{file.name}.{uuid4().hex[:8]}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            # Without this, a power failure can leave an empty file under the new name.
            os.fsync(stream.fileno())
        part.replace(file)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


@contextmanager
def file_lock(file: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes while the block runs; the kernel releases it when a process dies."""
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def remove_unused_folders(current: Path, now: float | None = None) -> None:
    """Mark `current` as used `now`, a Unix time, and remove the prepared models beside it that are no longer used.

    The names of folders with the same model begin with the same digest and a hyphen. Raises `OSError`.
    """
    now = time.time() if now is None else now
    os.utime(current, (now, now))
    for folder in current.parent.iterdir():
        if folder == current or not folder.is_dir():
            continue
        is_superseded = folder.name.split("-")[0] in (current.name.split("-")[0], ".making")
        days = SUPERSEDED_DAYS if is_superseded else UNUSED_DAYS
        if now - folder.stat().st_mtime > days * DAY_SECONDS:
            log.info("Removing an unused prepared model (%s)", folder.name)
            shutil.rmtree(folder, ignore_errors=True)


def run_in_child(module: str, *arguments: str) -> None:
    """Run `python -m module` and wait for its end. Its memory goes back to the system. Failures are ignored.

    For preparations that the caller repeats itself, and so reports their errors, if the result is missing.
    """
    command = [sys.executable, "-m", module, *arguments]
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CHILD_TIMEOUT_SECONDS, check=False
        )


def remembered_sha256(file: Path, cache_dir: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal. Raises `OSError`.

    The digest is stored in `cache_dir` and used again while the file's size, modification time and inode stay the same.
    """
    state = file.stat()
    stamp = [state.st_size, state.st_mtime_ns, state.st_ino]
    store = cache_dir / _DIGESTS_FILE
    digests = _read_digests(store)
    entry = digests.get(str(file))
    if isinstance(entry, list) and entry[:-1] == stamp:
        return str(entry[-1])
    digest = sha256_of(file)
    # Without a writable cache directory, the next start reads the file again.
    with suppress(OSError):
        write_atomically(store, json.dumps({**digests, str(file): [*stamp, digest]}).encode())
    return digest


def _read_digests(store: Path) -> dict[str, object]:
    try:
        return parse_json(store.read_bytes(), dict[str, object])
    except (OSError, ValueError):
        return {}


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal. Raises `OSError`."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
