from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from wyoming_kokoro.storage import digests, remembered_sha256

STORE = "digests.json"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_digest_is_reused_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"one")
    written_at = file.stat().st_mtime_ns
    with monkeypatch.context() as context:
        context.setattr(digests, "sha256_of", None)
        assert remembered_sha256(file, tmp_path / "cache") == sha256(b"one")
    file.write_bytes(b"two")
    # The size and the modification time are those of the first content.
    os.utime(file, ns=(written_at, written_at))
    assert remembered_sha256(file, tmp_path / "cache") == sha256(b"two")


@pytest.mark.parametrize("stored", [b"", b"[1]", b"\xff\xfe", b'{"/x": 3}'])
def test_damaged_digest_store_is_replaced(tmp_path: Path, stored: bytes) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    (tmp_path / STORE).write_bytes(stored)
    assert remembered_sha256(file, tmp_path) == sha256(b"one")
    assert remembered_sha256(file, tmp_path) == sha256(b"one")


def test_digest_with_a_wrong_character_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    remembered_sha256(file, tmp_path)
    stored = (tmp_path / STORE).read_bytes()
    digest = sha256(b"one").encode()
    assert digest in stored
    (tmp_path / STORE).write_bytes(stored.replace(digest, b"0" * 64))
    assert remembered_sha256(file, tmp_path) == sha256(b"one")


def test_unwritable_cache_directory_still_gives_a_digest(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"one")
    assert remembered_sha256(file, file) == sha256(b"one")
