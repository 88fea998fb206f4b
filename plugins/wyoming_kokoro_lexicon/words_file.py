"""The file with the taught words. Everything here blocks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from wyoming_kokoro import file_lock, write_atomically

# The most words, with the longest spellings, have less than this.
MAX_FILE_BYTES = 1_000_000
HEADER = """\
# Words that were taught on the dashboard or with `wyoming-kokoro words`.
# The tables have the form of [plugins.lexicon] in config.toml.

"""

Words = dict[str, dict[str, str]]
"""The pronunciation of each word, by language."""
Stamp = tuple[int, int, int]


class WordsFile:
    """A TOML file that several processes may read and change."""

    def __init__(self, file: Path, log: logging.Logger) -> None:
        """The file is created with the first word."""
        self.path = file
        self._log = log

    def stamp(self) -> Stamp | None:
        """Return what changes when the file changes, or None without a file. Raises `OSError`."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def read(self) -> Words:
        """Return all words. A damaged file is renamed. Raises `OSError`."""
        try:
            return self._parse()
        except ValueError:
            # Another process may be replacing the damaged file.
            with self._lock():
                return self._read_locked()

    def change(self, change: Callable[[Words], None]) -> Words:
        """Return all words after `change`, which other processes see at once. Raises `OSError` and what it raises."""
        with self._lock():
            words = self._read_locked()
            change(words)
            content = msgspec.toml.encode({language: table for language, table in sorted(words.items()) if table})
            write_atomically(self.path, HEADER.encode() + content)
        return words

    def _read_locked(self) -> Words:
        try:
            return self._parse()
        except ValueError as error:
            damaged = self.path.with_suffix(".damaged")
            self._log.warning("%s is damaged and is renamed to %s (%s)", self.path, damaged.name, error)
            self.path.replace(damaged)
            return {}

    def _parse(self) -> Words:
        """Return the words of the file. Raises `ValueError` if it has another form, and `OSError`."""
        try:
            with self.path.open("rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return {}
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"more than {MAX_FILE_BYTES} bytes")
        try:
            return msgspec.toml.decode(content, type=Words)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def _lock(self) -> AbstractContextManager[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return file_lock(self.path.with_suffix(".lock"))
