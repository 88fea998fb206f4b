"""Opens the database file, sets a damaged one aside, and survives a disk that fails."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from wyoming_kokoro import require_own_file
from wyoming_kokoro_phrase_cache.database import VERSION, copy_log
from wyoming_kokoro_phrase_cache.failures import DISK_ERRORS, Failure, classify, describe, is_disk_full
from wyoming_kokoro_phrase_cache.store import Limits, PhraseStore

T = TypeVar("T")
BUSY_RETRY_SECONDS = 1.0
REFUSED_RETRY_SECONDS = 600.0
MAX_DAMAGED_AGE_SECONDS = 7 * 86_400.0


class DatabaseFile:
    """Runs jobs on the store of one file. Used on one thread; no method raises for an error of the disk.

    The file has its own folder, next to its write-ahead log. Renaming the folder moves both in one step. Other servers
    that have the file open go on with the renamed one until they notice; SQLite deletes no log of a file that moved.
    """

    def __init__(self, root: Path, limits: Limits, clock: Callable[[], float], log: logging.Logger) -> None:
        """`root` need not exist; `clock` returns the Unix time."""
        self._root = root.absolute()
        self._folder = self._root / f"v{VERSION}"
        self._damaged = self._root / f"v{VERSION}.damaged"
        self._path = self._folder / "phrases.sqlite"
        self._limits = limits
        self._clock = clock
        self._log = log
        self._store: PhraseStore | None = None
        self._identity: tuple[int, int] | None = None
        self._problem = ""
        self._has_warned = False
        self._retry_at = float("-inf")
        self._set_aside_at = float("-inf")
        self._on_replaced: Callable[[], None] | None = None
        self._has_new_log = False

    @property
    def where(self) -> str:
        """The place of the phrases, or why it cannot be used."""
        if not self._problem:
            return f"in {self._root}"
        if self._store:
            return f"in {self._root}, which is not writable ({self._problem})"
        return f"in memory only, because {self._root} is not usable ({self._problem})"

    def open(self, on_replaced: Callable[[], None]) -> None:
        """Open the file, and create it if it is missing.

        `on_replaced` is called when another server has replaced or cleared the file.
        """
        self._on_replaced = on_replaced
        with self._handling_errors():
            self._reopen()

    def read(self, job: Callable[[PhraseStore], T]) -> T | None:
        """Return the result of `job`, or None if it fails or no file is open."""
        with self._handling_errors():
            store = self._current_store()
            return job(store) if store else None
        return None

    def write(self, job: Callable[[PhraseStore], T]) -> T | None:
        """Return the result of `job`, or None if it fails or the disk refused a write recently."""
        self._has_new_log = True
        return None if self._is_waiting() else self.read(job)

    def copy_log(self) -> None:
        """Copy the write-ahead log into the file. Call it on another thread: lookups must not wait for the disk."""
        if self._has_new_log:
            self._has_new_log = False
            # The thread of the other methods meets the same error, and handles it.
            with suppress(sqlite3.Error):
                copy_log(self._path)

    def report_success(self) -> None:
        """Note that a phrase was written, and log that an earlier problem is over."""
        self._problem = ""
        if self._has_warned:
            self._has_warned = False
            self._log.info("Phrase cache is writable again (%s)", self._root)

    def clear(self) -> None:
        """Delete all files and create a new one."""
        with self._handling_errors():
            self.close()
            with suppress(FileNotFoundError):
                self._folder.rename(self._root / f"cleared-{uuid4().hex}")
            shutil.rmtree(self._damaged, ignore_errors=True)
            self.remove_leftovers()
            self._reopen()

    def remove_leftovers(self) -> None:
        """Remove a damaged file after a week, and the rest of an interrupted `clear`."""
        # An error is harmless: the files stay until the next run.
        with suppress(OSError):
            for folder in self._root.glob("cleared-*"):
                shutil.rmtree(folder, ignore_errors=True)
            if self._damaged.stat().st_mtime < self._clock() - MAX_DAMAGED_AGE_SECONDS:
                shutil.rmtree(self._damaged, ignore_errors=True)

    def close(self) -> None:
        """Close the file."""
        store, self._store = self._store, None
        if store:
            # SQLite may fail to copy the write-ahead log into the file. The log then stays for the next start.
            with suppress(sqlite3.Error):
                store.close()

    def _current_store(self) -> PhraseStore | None:
        """Return the open store. Open the file again if another server has replaced it."""
        if self._store and self._identity == _identify(self._path):
            return self._store
        if self._store and self._on_replaced:
            self._on_replaced()
        if self._store or not self._is_waiting():
            self._reopen()
        return self._store

    def _reopen(self) -> None:
        try:
            self._open_or_create()
        except DISK_ERRORS as error:
            if classify(error) is not Failure.REFUSED:
                raise
            # Another server that clears the cache may have renamed the folder meanwhile.
            self._open_or_create()

    def _open_or_create(self) -> None:
        self.close()
        for folder in (self._root, self._folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root.chmod(0o700)
        self._identity = _identify(self._path)
        self._require_own_files()
        # SQLite gives the write-ahead log the same mode. An existing file is not opened here: closing it again would
        # release the locks that another connection of this process holds.
        self._path.touch(0o600)
        self._path.chmod(0o600)
        # This comes before the connection: if another server replaces the file in between, the next job notices.
        self._identity = _identify(self._path)
        self._store = PhraseStore(self._path, self._limits, self._log)
        self._problem = ""
        self._retry_at = float("-inf")

    def _require_own_files(self) -> None:
        """Raise `sqlite3.DatabaseError` if another user may have made one of the files."""
        for file in self._folder.iterdir():
            try:
                # Another server that opens or closes the file removes its journal at any time.
                with suppress(FileNotFoundError):
                    require_own_file(file, self._root.parent)
            except ValueError as error:
                raise sqlite3.DatabaseError(str(error)) from None

    @contextmanager
    def _handling_errors(self) -> Generator[None, None, None]:
        try:
            yield
        except DISK_ERRORS as error:
            kind = classify(error)
            if kind is Failure.BUSY:
                self._retry_at = self._clock() + BUSY_RETRY_SECONDS
                self._problem = self._problem if self._store else describe(error)
                self._log.debug("Phrase cache is locked by another process (%s)", self._path)
            elif kind is Failure.DAMAGED and abs(self._clock() - self._set_aside_at) > REFUSED_RETRY_SECONDS:
                self._set_aside(error)
            else:
                self._refuse(error)

    def _set_aside(self, error: BaseException) -> None:
        """Rename the damaged folder, where the operator may examine it, and begin a new one."""
        self._set_aside_at = self._clock()
        self.close()
        with self._handling_errors():
            # Another server may have replaced the damaged file already.
            if self._identity == _identify(self._path):
                shutil.rmtree(self._damaged, ignore_errors=True)
                self._folder.rename(self._damaged)
                os.utime(self._damaged)
                self._log.warning("Phrase cache is damaged and begins empty; old file: %s (%s)", self._damaged, error)
            self._reopen()

    def _refuse(self, error: BaseException) -> None:
        self._retry_at = self._clock() + REFUSED_RETRY_SECONDS
        self._problem = describe(error)
        level = logging.DEBUG if self._has_warned else logging.WARNING
        self._has_warned = True
        self._log.log(
            level,
            "Phrase cache is not writable, new phrases stay in memory: %s (%s); %s",
            self._root,
            self._problem,
            "free disk space" if is_disk_full(error) else "check that directory and its permissions",
        )

    def _is_waiting(self) -> bool:
        # A clock that was set back must not make the wait longer.
        return 0 <= self._retry_at - self._clock() <= REFUSED_RETRY_SECONDS


def _identify(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from a later one of the same name, or None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
