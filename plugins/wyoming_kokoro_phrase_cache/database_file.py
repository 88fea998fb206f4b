"""Holds the file that is written to, and deals with what the disk does to it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from wyoming_kokoro_phrase_cache.failures import FAILURES, Trouble, reason, trouble
from wyoming_kokoro_phrase_cache.folder import FileIdentity, Folder
from wyoming_kokoro_phrase_cache.writable import Limits, WritablePhraseStore

T = TypeVar("T")
RETRY = 600.0
"""Seconds after which a disk that refused is tried again."""


class DatabaseFile:
    """Opens, writes, replaces and closes the file, on one thread. Never raises for what the disk does.

    When the disk refuses, what is there is still read, and writing is tried again after `RETRY`.
    """

    def __init__(self, folder: Folder, limits: Limits, clock: Callable[[], float], log: logging.Logger) -> None:
        """`clock` tells the Unix time."""
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._log = log
        self._file = folder.path
        self._shelf: WritablePhraseStore | None = None
        self._complaint = ""
        self._is_told = False
        self._refused_at = float("-inf")
        self._set_aside_at = float("-inf")
        self.place: FileIdentity | None = None
        """The file in use, for any thread to know; None when there is none."""

    @property
    def where(self) -> str:
        """Where phrases are kept, in words."""
        if not self._complaint:
            return f"in {self._folder.path}"
        if self.place:
            return f"in {self._folder.path}, to which nothing can be added ({self._complaint})"
        return f"in memory only, for {self._folder.path} cannot be used ({self._complaint})"

    def open(self) -> None:
        """Open the file that counts."""
        with self._dealing():
            self._use(self._folder.begun())

    def read(self, job: Callable[[WritablePhraseStore], T]) -> T | None:
        """Return what `job` returns; None when it fails or there is no file."""
        if self._shelf is None:
            return None
        with self._dealing():
            return job(self._shelf)
        return None

    def write(self, job: Callable[[WritablePhraseStore], T]) -> T | None:
        """Return what `job` returns; None when it fails, or the disk refused not long ago."""
        return None if self._is_recent(self._refused_at) else self.read(job)

    def relieved(self) -> None:
        """Take note that a phrase was written."""
        self._complaint = ""
        if self._is_told:
            self._is_told = False
            self._log.info("Phrases are kept %s again", self.where)

    def blame(self, place: FileIdentity, error: BaseException) -> None:
        """Deal with the damage that was found in reading `place`, unless another file is in use by now."""
        if place == self.place and trouble(error) is Trouble.DAMAGE:
            self._deal_with(error)

    def follow(self) -> bool:
        """Open the file that counts, if it is another by now; return whether it is.

        Another server may have begun it, since the last was damaged or was to be forgotten.
        """
        if self._is_recent(self._refused_at):
            return False
        last = self.place
        with self._dealing(), suppress(FileNotFoundError):  # removed since it was found: next time there is another
            newest = self._folder.newest()
            if newest is None and last:
                self._use(self._folder.begin_next(last.path))  # never the same name: somebody may still be removing
            elif newest is None or last != FileIdentity.of(newest):
                self.open()
        return last is not None and self.place not in {None, last}

    def discard(self) -> None:
        """Close the file and remove it and all others; begin a new one, but do not open it yet."""
        with self._dealing():
            new = self._folder.begin_next(self._folder.begun())
            self.close()
            self._folder.discard_before(new)

    def discard_set_aside(self, until: float) -> None:
        """Remove damaged files that were not written since `until`, and all but the last of them."""
        with self._dealing():
            self._folder.discard_set_aside(until)

    def interrupt(self) -> None:
        """End what is running. From any thread."""
        if shelf := self._shelf:
            shelf.database.interrupt()

    def close(self) -> None:
        """Give the file back."""
        shelf, self._shelf, self.place = self._shelf, None, None
        if shelf:
            with suppress(sqlite3.Error):  # it may not be able to move the journal into the file
                shelf.close()

    def _use(self, file: Path) -> None:
        self.close()
        self._file = file
        self._shelf = WritablePhraseStore.opened(file, self._limits)
        self.place = FileIdentity.of(file)
        self._complaint = ""
        self._refused_at = float("-inf")

    @contextmanager
    def _dealing(self) -> Generator[None, None, None]:
        try:
            yield
        except FAILURES as error:
            self._deal_with(error)

    def _deal_with(self, error: BaseException) -> None:
        kind = trouble(error)
        if kind is Trouble.BUSY:
            self._complaint = self._complaint if self.place else reason(error)
            self._log.debug("%s is busy (%s)", self._file, error)
        elif kind is Trouble.DAMAGE and not self._is_recent(self._set_aside_at):
            self._set_aside(error)
        else:
            self._refused(error)

    def _set_aside(self, error: BaseException) -> None:
        """Leave the damaged file for a week, in case somebody wants to look at it."""
        self._set_aside_at = self._clock()
        damaged = self._file
        with self._dealing():
            self._use(self._folder.begin_next(damaged))
            self._log.warning("%s is damaged (%s); it is set aside and a new phrase cache begun", damaged, error)

    def _refused(self, error: BaseException) -> None:
        self._refused_at = self._clock()
        self._complaint = reason(error)
        level = logging.DEBUG if self._is_told else logging.WARNING
        self._is_told = True
        self._log.log(
            level,
            "New phrases are kept in memory only, for %s cannot be written (%s); make room or mend its rights",
            self._file,
            self._complaint,
        )

    def _is_recent(self, moment: float) -> bool:
        return 0 <= self._clock() - moment < RETRY  # a clock that was set back ends the waiting
