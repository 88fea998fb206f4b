"""Damage to prepared files is found at the next start, is logged once, and gives sound another fingerprint."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_kokoro import check_prepared, prepare_folder
from wyoming_kokoro.storage import forget_times, prepared_folder, read_checked, write_checked
from wyoming_kokoro.storage.files import part_of
from wyoming_kokoro.storage.prepared_folder import DAY_SECONDS, SEAL_FILE, Seal, remove_unused_folders

NOW = 1_800_000_000.0
CONTENT = b"weights" * 1000


def fill(folder: Path) -> None:
    with prepare_folder(folder) as part:
        (part / "decoder.onnx").write_bytes(CONTENT)
        (part / "manifest.json").write_bytes(b"{}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "stages" / "aaaa-recipe-ort1"
    fill(folder)
    return folder


def overwrite_unnoticed(file: Path) -> None:
    state = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"noise")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def replace_by_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def replace_by_link(file: Path) -> None:
    target = file.with_name("target")
    file.rename(target)
    file.symlink_to(target)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "truncated": lambda file: os.truncate(file, 10),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"x"),
    "zeroed": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "changed with old times": overwrite_unnoticed,
    "missing": Path.unlink,
    "a link": replace_by_link,
    "a pipe": replace_by_pipe,
}


@pytest.mark.parametrize("name", ["decoder.onnx", SEAL_FILE])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_logged_once_and_repaired_with_another_repair_text(
    folder: Path, name: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert {*check_prepared(folder).files} == {"decoder.onnx", "manifest.json"}
    assert check_prepared(folder).repair == ""
    DAMAGES[damage](folder / name)
    found = check_prepared(folder)
    assert not found.files
    assert check_prepared(folder) == found
    is_seal_missing = (name, damage) == (SEAL_FILE, "missing")
    assert [record.levelname for record in caplog.records] == ([] if is_seal_missing else ["WARNING"])
    assert bool(found.repair) != is_seal_missing
    fill(folder)
    repaired = check_prepared(folder)
    assert (folder / "decoder.onnx").read_bytes() == CONTENT
    assert len(repaired.files) == 2
    assert repaired.repair == found.repair
    (folder / "decoder.onnx").write_bytes(b"")
    assert check_prepared(folder).repair not in ("", found.repair)


def test_damage_that_several_threads_find_is_logged_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "decoder.onnx").write_bytes(b"")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(check_prepared, [folder] * 8))
    assert len({seal.repair for seal in found}) == 1
    assert len(caplog.records) == 1


def test_unchanged_files_are_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_folder, "blake2b_of", None)
    assert check_prepared(folder).files


def test_copied_folder_is_intact_and_is_read_only_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(folder / "decoder.onnx")
    assert check_prepared(folder).files
    monkeypatch.setattr(prepared_folder, "blake2b_of", None)
    assert check_prepared(folder).files


def test_file_of_another_user_is_not_used(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    if os.geteuid():
        pytest.skip("only root can give a file away")
    os.chown(folder / "decoder.onnx", 12345, -1)
    assert not check_prepared(folder).files
    assert "another user" in caplog.text


def test_files_of_the_owner_of_the_cache_are_used(folder: Path) -> None:
    """Network file systems and containers can show all files as files of one other user."""
    if os.geteuid():
        pytest.skip("only root can give a file away")
    for path in (folder.parent, folder, *folder.iterdir()):
        os.chown(path, 12345, -1)
    assert check_prepared(folder).files


def test_damaged_folder_inside_is_removed_and_changes_the_repair_text(folder: Path) -> None:
    nested = folder / "compiled" / "decoder-1"
    fill(nested)
    assert check_prepared(folder).repair == ""
    (nested / "decoder.onnx").write_bytes(b"")
    found = check_prepared(folder)
    assert found.repair
    assert len(found.files) == 2
    assert not nested.exists()
    assert check_prepared(folder) == found


def test_folders_inside_that_others_prepare_meanwhile_are_no_damage(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def prepare_often(inner: Path) -> None:
        for _ in range(30):
            fill(inner)

    seals = []
    with ThreadPoolExecutor(2) as threads:
        preparing = [threads.submit(prepare_often, folder / "learned" / name) for name in ("emma", "bella")]
        while not all(each.done() for each in preparing):
            seals.append(check_prepared(folder))
            forget_times(folder.parent)
    assert {(len(seal.files), seal.repair) for seal in seals} == {(2, "")}
    assert caplog.records == []


def test_missing_folder_has_no_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not check_prepared(tmp_path / "stages" / "aaaa").files
    (tmp_path / "file").touch()
    assert not check_prepared(tmp_path / "file" / "aaaa").files
    assert not caplog.records


def test_failed_preparation_keeps_the_old_folder(folder: Path) -> None:
    with pytest.raises(IsADirectoryError), prepare_folder(folder) as part:
        part.write_bytes(b"half")
    assert check_prepared(folder).files
    assert list(folder.parent.iterdir()) == [folder]


def test_open_files_of_a_replaced_folder_stay_readable(folder: Path) -> None:
    with (folder / "decoder.onnx").open("rb") as stream:
        fill(folder)
        assert stream.read() == CONTENT


@pytest.mark.parametrize(
    ("name", "days", "is_kept"),
    [
        ("aaaa-old-ort1", 2.0, False),
        ("aaaa-old-ort1", 0.5, True),
        ("bbbb-other-ort1", 2.0, True),
        ("bbbb-other-ort1", 31.0, False),
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


def test_unfinished_folders_of_killed_processes_are_removed(folder: Path) -> None:
    """The tables of each accent are a prepared folder in that of the English front end."""
    for prepared in (folder.with_name("bbbb-recipe-ort1"), folder / "us"):
        killed = part_of(prepared)
        killed.mkdir()
        (killed / "decoder.onnx").touch()
    known = sorted(folder.iterdir())
    remove_unused_folders(folder)
    assert list(folder.parent.iterdir()) == [folder]
    assert sorted(folder.iterdir()) == [item for item in known if item.suffix != ".part"]


def test_folder_on_an_unwritable_disk_is_no_error(tmp_path: Path) -> None:
    remove_unused_folders(tmp_path / "missing")


def test_damage_that_changes_no_times_is_found_when_they_are_forgotten(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A worn disk changes a file like this."""
    overwrite_unnoticed(folder / "decoder.onnx")
    seal = read_checked(folder / SEAL_FILE, Seal)
    changed_ns = (folder / "decoder.onnx").stat().st_ctime_ns
    files = {**seal.files, "decoder.onnx": replace(seal.files["decoder.onnx"], changed_ns=changed_ns)}
    write_checked(folder / SEAL_FILE, replace(seal, files=files))
    assert check_prepared(folder).files
    forget_times(folder.parent.parent)
    assert not check_prepared(folder).files
    assert "decoder.onnx has another content" in caplog.text
    fill(folder)
    forget_times(folder.parent.parent)
    assert check_prepared(folder).files
