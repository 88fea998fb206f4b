"""What files are known by."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from wyoming_kokoro.storage import remembered_sha256


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """Until it changes, even to something of the same length."""
    file = tmp_path / "model"
    file.write_bytes(b"one")
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"one")
    written_at = file.stat().st_mtime_ns
    file.write_bytes(b"two")
    os.utime(file, ns=(written_at, written_at))  # nobody can see the difference but who reads
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"one")
    os.utime(file, ns=(1, 1))
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"two")


@pytest.mark.parametrize("memory", [b"", b"[1]", b"\xff\xfe", b'{"/x": 3}'])
def test_what_is_remembered_may_be_damaged(tmp_path: Path, memory: bytes) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    (tmp_path / "digests.json").write_bytes(memory)
    assert remembered_sha256(file, tmp_path) == sha256(b"one")
    assert remembered_sha256(file, tmp_path) == sha256(b"one")


def test_nothing_can_be_remembered(tmp_path: Path) -> None:
    """A cache directory that is none costs time, no more."""
    file = tmp_path / "model"
    file.write_bytes(b"one")
    assert remembered_sha256(file, file) == sha256(b"one")
