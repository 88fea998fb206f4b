"""The folder of the cache: numbered files, of which the one with the highest number counts.

A database that others may have open can neither be renamed nor replaced: SQLite finds its journal by the name. So
whoever wants a new one, because the last is damaged or shall be forgotten, begins the next number, and the others
follow.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro_phrase_cache.schema import VERSION

_NAME = re.compile(rf"phrases-v{VERSION}-(\d+)\.sqlite")
SIDES = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """A file, told from another that came later under its name."""

    path: Path
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> FileIdentity:
        """Return the place of a file that exists. Raises `OSError`."""
        status = path.stat()
        return cls(path, status.st_dev, status.st_ino)


class Folder:
    """Finds, begins and removes the files. Only the owner can read them. Everything raises `OSError`."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist."""
        self.path = path.absolute()

    def newest(self) -> Path | None:
        """Return the file that counts, or None."""
        return max(self._files(), key=_number, default=None)

    def begun(self) -> Path:
        """Return the file that counts, an empty one if there is none."""
        newest = self.newest()
        if newest is None:
            return self._begin(1)
        with suppress(FileNotFoundError):  # another server has removed it, having begun the next
            newest.chmod(0o600)
            return newest
        return self.begin_next(newest)

    def begin_next(self, after: Path) -> Path:
        """Return the file that counts, which is another than `after`."""
        return self._begin(_number(after) + 1)

    def discard_before(self, path: Path) -> None:
        """Remove all files that came before `path`; who has one open may go on with it."""
        for file in self._files():
            if _number(file) < _number(path):
                _remove(file)

    def discard_set_aside(self, until: float) -> None:
        """Remove what was set aside and was not written since `until`; of several keep the last at most."""
        aside = sorted(self._files(), key=_number)[:-1]
        for file in aside:
            with suppress(FileNotFoundError):  # another server was quicker
                if file != aside[-1] or file.stat().st_mtime < until:
                    _remove(file)

    def _files(self) -> Iterator[Path]:
        with suppress(FileNotFoundError):
            yield from (file for file in self.path.iterdir() if _NAME.fullmatch(file.name))

    def _begin(self, number: int) -> Path:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        file = self.path / f"phrases-v{VERSION}-{number:03}.sqlite"
        # Never opened but to make it: closing a file takes the locks away that SQLite holds on it in this process.
        with suppress(FileExistsError):  # another server was quicker
            handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            try:
                os.fchmod(handle, 0o600)  # whatever the umask says; SQLite gives the journal the same mode
            finally:
                os.close(handle)
        return file


def _number(file: Path) -> int:
    match = _NAME.fullmatch(file.name)
    assert match
    return int(match[1])


def _remove(file: Path) -> None:
    for side in SIDES:
        file.with_name(file.name + side).unlink(missing_ok=True)
