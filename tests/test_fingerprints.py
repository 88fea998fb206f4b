"""What files and code are known by."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from wyoming_kokoro.fingerprints import remembered_sha256, sources_digest


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


def test_sources_are_known_by_what_they_say(tmp_path: Path) -> None:
    package = tmp_path / "package"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("A = 1\n")
    (package / "inner" / "part.py").write_text("B = 2\n")
    before = sources_digest(package)
    os.utime(package / "__init__.py", ns=(1, 1))
    (package / "notes.txt").write_text("no source")
    assert sources_digest(package) == before
    (package / "inner" / "part.py").write_text("B = 3\n")
    assert sources_digest(package) != before
    assert sources_digest(package / "__init__.py") not in (before, sources_digest(package))
