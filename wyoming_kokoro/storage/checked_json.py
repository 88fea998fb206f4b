"""JSON files with a checksum, so that one wrong bit is not taken for a value."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from wyoming_kokoro.decoding import parse_json
from wyoming_kokoro.storage.files import write_atomically

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _CheckedDocument:
    checksum: str
    content: msgspec.Raw


def read_checked(file: Path, kind: type[T]) -> T:
    """Return the content of a file of `write_checked`. Raises `OSError`, and `ValueError` if it is damaged."""
    document = parse_json(file.read_bytes(), _CheckedDocument)
    content = bytes(document.content)
    if document.checksum != _checksum(content):
        raise ValueError("the checksum is wrong")
    return parse_json(content, kind)


def read_if_intact(file: Path, kind: type[T]) -> T | None:
    """Return the content of a file of `write_checked`, or None if it is missing, unreadable or damaged."""
    try:
        return read_checked(file, kind)
    except (OSError, ValueError):
        return None


def write_checked(file: Path, value: object) -> None:
    """Write `value` as JSON, atomically, and create missing folders. Raises `OSError`."""
    content = msgspec.json.encode(value)
    write_atomically(file, msgspec.json.encode(_CheckedDocument(_checksum(content), msgspec.Raw(content))))


def _checksum(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
