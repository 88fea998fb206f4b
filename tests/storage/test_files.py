"""Atomic writes and locks."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_kokoro import explain_write_error, file_lock, open_atomically, write_atomically
from wyoming_kokoro.storage.files import part_of, remove_orphans

WRITE_SLOWLY = """
import sys, time
from pathlib import Path
from wyoming_kokoro import open_atomically
with open_atomically(Path(sys.argv[1])) as stream:
    stream.write(b"x" * 100_000)
    stream.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


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


def test_write_removes_what_a_killed_process_left_but_not_what_another_writes(tmp_path: Path) -> None:
    file = tmp_path / "model[1].onnx"
    command = [sys.executable, "-c", WRITE_SLOWLY, str(file)]
    killed, writing = (subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2))
    for process in (killed, writing):
        assert process.stdout
        assert process.stdout.readline()
    assert len(list(tmp_path.iterdir())) == 2
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    write_atomically(file, b"whole")
    assert len(list(tmp_path.iterdir())) == 2
    writing.kill()
    writing.communicate()
    write_atomically(file, b"whole")
    assert list(tmp_path.iterdir()) == [file]


def test_new_part_that_is_not_locked_yet_stays(tmp_path: Path) -> None:
    file, folder = part_of(tmp_path / "file"), part_of(tmp_path / "folder")
    file.touch()
    folder.mkdir()
    remove_orphans(tmp_path)
    assert {*tmp_path.iterdir()} == {file, folder}
    for part in (file, folder):
        os.utime(part, (1.0, 1.0))
    remove_orphans(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_pipe_in_the_place_of_a_part_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(part_of(tmp_path / "file"))
    write_atomically(tmp_path / "file", b"content")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write for others")
def test_files_of_root_belong_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    """`words add` with sudo changed the words of the service, which could not change them afterwards."""
    os.chown(tmp_path, 12345, 12346)
    with file_lock(tmp_path / "lock"):
        write_atomically(tmp_path / "file", b"words")
    owners = {(file.stat().st_uid, file.stat().st_gid) for file in tmp_path.iterdir()}
    assert owners == {(12345, 12346)}


def test_lock_that_is_a_link_is_an_error_and_its_target_stays(tmp_path: Path) -> None:
    """Another user who may write to the folder could otherwise empty any file of this user."""
    target = tmp_path / "diary"
    target.write_text("content")
    (tmp_path / ".lock").symlink_to(target)
    with pytest.raises(OSError, match="symbolic"), file_lock(tmp_path / ".lock"):
        pass
    assert target.read_text() == "content"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "Permission denied; let this user write there"),
        (errno.EROFS, "Read-only file system; let this user write there"),
        (errno.ENOSPC, "No space left on device; free 92 MB"),
        (errno.ENOTDIR, "Not a directory; check that directory"),
    ],
)
def test_remedy_fits_the_error(number: int, remedy: str) -> None:
    """More space does not help against missing permissions."""
    assert explain_write_error(OSError(number, os.strerror(number)), "92 MB") == remedy
