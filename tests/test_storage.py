"""Atomic file writes and file digests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from wyoming_kokoro import open_atomically, write_atomically
from wyoming_kokoro.storage import DAY_SECONDS, remembered_sha256, remove_unused_folders

NOW = 1_800_000_000.0


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_write_creates_folders_and_replaces_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state" / "name.json"
    write_atomically(file, b"old and longer")
    write_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


def test_written_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"content")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with pytest.raises(TypeError), open_atomically(file) as stream:
        stream.writelines([b"half of the new content", None])  # type: ignore[list-item]
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_digest_is_reused_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"one")
    written_at = file.stat().st_mtime_ns
    file.write_bytes(b"two")
    # The size and the time are those of the first content, so the stored digest is still used.
    os.utime(file, ns=(written_at, written_at))
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"one")
    os.utime(file, ns=(1, 1))
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"two")


@pytest.mark.parametrize("stored", [b"", b"[1]", b"\xff\xfe", b'{"/x": 3}'])
def test_damaged_digest_store_is_replaced(tmp_path: Path, stored: bytes) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    (tmp_path / "digests.json").write_bytes(stored)
    assert remembered_sha256(file, tmp_path) == sha256(b"one")
    assert remembered_sha256(file, tmp_path) == sha256(b"one")


def test_unwritable_cache_directory_still_gives_a_digest(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    assert remembered_sha256(file, file) == sha256(b"one")


@pytest.mark.parametrize(
    ("name", "days", "is_kept"),
    [
        ("aaaa-old-ort1", 2.0, False),
        ("aaaa-old-ort1", 0.5, True),
        ("bbbb-other-ort1", 2.0, True),
        ("bbbb-other-ort1", 31.0, False),
        (".making-abc", 2.0, False),
        (".making-abc", 0.1, True),
        ("aaaa-new-ort1", 400.0, True),
    ],
)
def test_unused_folder_is_removed(tmp_path: Path, name: str, days: float, is_kept: bool) -> None:
    current = tmp_path / "aaaa-new-ort1"
    current.mkdir()
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").touch()
    os.utime(folder, (NOW - days * DAY_SECONDS,) * 2)
    remove_unused_folders(current, NOW)
    assert (folder / "manifest.json").exists() == is_kept
