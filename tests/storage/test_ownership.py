from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wyoming_kokoro.storage import require_own_file, warn_about_access


def test_own_file_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert require_own_file(tmp_path / "file", tmp_path).st_size == 1


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("file")])
def test_anything_but_a_file_is_rejected(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "file").touch()
    make(tmp_path / "path")
    with pytest.raises(ValueError, match="another user"):
        require_own_file(tmp_path / "path", tmp_path)


@pytest.mark.parametrize(("mode", "is_warned"), [(0o755, False), (0o775, False), (0o777, True)])
def test_directory_that_others_can_write_is_warned_about(
    tmp_path: Path, mode: int, is_warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Many systems give each user a group of its own, so a group that may write is no danger."""
    tmp_path.chmod(mode)
    warn_about_access(tmp_path)
    warn_about_access(tmp_path / "missing")
    assert len(caplog.records) == is_warned


def test_directory_of_another_user_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    if os.geteuid():
        pytest.skip("only root can give a directory away")
    os.chown(tmp_path, 12345, -1)
    warn_about_access(tmp_path)
    assert str(tmp_path) in caplog.text
