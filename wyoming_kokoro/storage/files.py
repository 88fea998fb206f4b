"""Atomic writes and locks."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

# A part that is still empty may be so new that its process does not hold the lock yet.
UNLOCKED_SECONDS = 2.0


def explain_write_error(error: OSError, needed: str) -> str:
    """Return why a file cannot be written, and what the operator can do. `needed` is the space, such as `92 MB`."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "let this user write there"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = f"free {needed}"
    else:
        remedy = "check that directory"
    return f"{error.strerror or error}; {remedy}"


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

    If the block raises, `file` stays as it was. If the process is killed, the next write removes what it left.
    """
    remove_orphans(file.parent, file.name)
    part = part_of(file)
    try:
        with part.open("xb") as stream:
            mark_as_used(stream.fileno())
            _give_to_owner(stream.fileno(), file.parent)
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
    """Hold an exclusive lock between processes while the block runs; the kernel releases it when a process dies.

    Raises `OSError`, also for a symbolic link: another user may have made it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        _give_to_owner(descriptor, file.parent)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _give_to_owner(descriptor: int, folder: Path) -> None:
    """Give a file of root to the owner of its `folder`, who must be able to change it: the user of a service."""
    if os.geteuid() == 0:
        owner = folder.stat()
        # Some file systems have no owners.
        with suppress(OSError):
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


def part_of(path: Path) -> Path:
    """Return a new name beside `path` for what replaces it when it is complete."""
    return path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")


def mark_as_used(descriptor: int) -> None:
    """Protect an open part from `remove_orphans` until it is closed, or the process dies."""
    # Some network file systems have no locks.
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_orphans(folder: Path, name: str = "") -> None:
    """Remove the parts of `name`, or all parts, that killed processes left in `folder`."""
    for part in folder.glob(f".{escape(name) or '*'}.*.part"):
        # Whatever cannot be removed now stays for the next call.
        with suppress(OSError):
            _remove_orphan(part)


def _remove_orphan(part: Path) -> None:
    descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        state = os.fstat(descriptor)
        is_empty = not (any(part.iterdir()) if part.is_dir() else state.st_size)
        if is_empty and 0 <= time.time() - state.st_mtime < UNLOCKED_SECONDS:
            return
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink()
    finally:
        os.close(descriptor)
