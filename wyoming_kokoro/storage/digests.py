"""Digests of files."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from wyoming_kokoro.storage.checked_json import read_if_intact, write_checked

_DIGESTS_FILE = "digests.json"
_BLOCK_BYTES = 1 << 20
# Size, modification time, change time, inode and digest.
_Entry = tuple[int, int, int, int, str]


def remembered_sha256(file: Path, cache_dir: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal. Raises `OSError`.

    The digest is stored in `cache_dir` and used again while the file's size, times and inode stay the same.
    """
    state = file.stat()
    stamp = (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    store = cache_dir / _DIGESTS_FILE
    digests = read_if_intact(store, dict[str, _Entry]) or {}
    entry = digests.get(str(file))
    if entry and entry[:-1] == stamp:
        return entry[-1]
    digest = sha256_of(file)
    # Without a writable cache directory, the next start reads the file again.
    with suppress(OSError):
        write_checked(store, {**digests, str(file): (*stamp, digest)})
    return digest


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal. Raises `OSError`."""
    return _digest(file, hashlib.sha256())


def blake2b_of(file: Path) -> str:
    """Return the BLAKE2b digest of `file` in hexadecimal. It is faster than SHA-256 without CPU support for that.

    Raises `OSError`.
    """
    return _digest(file, hashlib.blake2b(digest_size=16))


def _digest(file: Path, digest: Any) -> str:
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return str(digest.hexdigest())
