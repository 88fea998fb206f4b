"""The file with the taught words. Everything here blocks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from wyoming_kokoro import file_lock, parse_toml, write_atomically

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
        self._known: Words = {}

    def stamp(self) -> Stamp | None:
        """Return what changes when the file changes, or None without a file. Raises `OSError`."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino

    def read(self) -> Words:
        """Return all words. Raises `ValueError` if the file is damaged, and `OSError`."""
        self._known = self._parse()
        return self._known

    def change(self, change: Callable[[Words], None]) -> Words:
        """Return all words after `change`, which other processes see at once. Raises `OSError` and what it raises.

        A damaged file is renamed, and the words that were read last replace it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(self.path.with_suffix(".lock")):
            words = self._read_or_set_aside()
            change(words)
            content = msgspec.toml.encode({language: table for language, table in sorted(words.items()) if table})
            write_atomically(self.path, HEADER.encode() + content)
        self._known = words
        return words

    def _read_or_set_aside(self) -> Words:
        try:
            return self._parse()
        except ValueError as error:
            damaged = self.path.with_suffix(".damaged")
            self._log.warning("%s is damaged and is renamed to %s (%s)", self.path, damaged.name, error)
            self.path.replace(damaged)
            return {language: dict(table) for language, table in self._known.items()}

    def _parse(self) -> Words:
        try:
            with self.path.open("rb") as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return {}
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"more than {MAX_FILE_BYTES} bytes")
        return msgspec.convert(parse_toml(content), Words)
