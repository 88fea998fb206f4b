"""Folders with prepared files. A seal in each folder shows whether its files are still those that were prepared."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_kokoro.storage.checked_json import read_checked, read_if_intact, write_checked
from wyoming_kokoro.storage.digests import blake2b_of
from wyoming_kokoro.storage.files import mark_as_used, part_of, remove_orphans
from wyoming_kokoro.storage.ownership import require_own_file

SEAL_FILE = "seal.json"
DAY_SECONDS = 24 * 3600
# Prepared models that no server has opened for this time are removed.
UNUSED_DAYS = 30
# Those of the current model from another version are removed earlier.
SUPERSEDED_DAYS = 1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file as it was when it was prepared."""

    size: int
    digest: str
    modified_ns: int
    changed_ns: int

    def has_times_of(self, state: os.stat_result) -> bool:
        """Return whether the file was not written since its digest was computed."""
        return (self.modified_ns, self.changed_ns) == (state.st_mtime_ns, state.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Seal:
    """The content of a seal."""

    files: Mapping[str, SealedFile]
    """The files by name; none if the folder must be prepared again."""
    repair: str = ""
    """A text that each repair changes. Fingerprints contain it, so that sound from before the repair is not played."""


@contextmanager
def prepare_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that replaces `folder` when the block ends. Raises `OSError`.

    If the block raises, `folder` stays as it was. If the process is killed, the next preparation removes what it left.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_orphans(folder.parent, folder.name)
    part = part_of(folder)
    part.mkdir()
    descriptor = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
    try:
        mark_as_used(descriptor)
        yield part
        for file in part.iterdir():
            # Without this, a power failure can leave empty files in the complete folder.
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
        write_checked(part / SEAL_FILE, Seal({file.name: _seal(file) for file in part.iterdir()}, _repair_of(folder)))
        old = part_of(folder)
        # Other processes see the old folder, none, or the new one.
        with suppress(FileNotFoundError):
            folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        os.close(descriptor)


def check_prepared(folder: Path) -> Seal:
    """Return the seal of `folder`. It has no files if the folder must be prepared, for the first time or again.

    Reads a file only if its times have changed. Damage is logged once. A damaged folder inside `folder` is removed.
    """
    try:
        return _check(folder)
    except OSError:
        # There is no seal. If the disk is at fault, the preparation reports it.
        return Seal({})


def forget_times(directory: Path) -> None:
    """Let the next check of each prepared folder below `directory` read all files.

    It finds damage that changed neither the size nor the times of a file, as a worn disk does it.
    """
    for folder in _prepared_folders(directory):
        # On a disk that is not writable, the times stay.
        with suppress(OSError, ValueError):
            seal = read_checked(folder / SEAL_FILE, Seal)
            files = {name: replace(sealed, modified_ns=0) for name, sealed in seal.files.items()}
            write_checked(folder / SEAL_FILE, replace(seal, files=files))


def remove_unused_folders(current: Path, now: float | None = None) -> None:
    """Mark `current` as used `now`, a Unix time, and remove the prepared folders beside it that are no longer used.

    Also removes the unfinished folders that killed processes left beside and in it. The names of
    folders with the same model begin with the same digest and a hyphen. An unwritable disk is no error.
    """
    now = time.time() if now is None else now
    with suppress(OSError):
        os.utime(current, (now, now))
        remove_orphans(current.parent)
        remove_orphans(current)
        for folder in current.parent.iterdir():
            if folder == current or not folder.is_dir() or folder.name.startswith("."):
                continue
            is_superseded = folder.name.split("-")[0] == current.name.split("-")[0]
            days = SUPERSEDED_DAYS if is_superseded else UNUSED_DAYS
            if now - folder.stat().st_mtime > days * DAY_SECONDS:
                log.info("Removing an unused prepared model (%s)", folder.name)
                shutil.rmtree(folder, ignore_errors=True)


def _prepared_folders(directory: Path) -> list[Path]:
    """Return the prepared folders in `directory`, without unfinished ones, which may vanish at any moment."""
    found = []
    # Unlike `rglob`, this skips a folder that vanishes.
    for name, folders, files in os.walk(directory):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        if SEAL_FILE in files:
            found.append(Path(name))
    return sorted(found)


def _check(folder: Path) -> Seal:
    """Return the seal of `folder`. Raises `OSError` if there is none."""
    directory = folder.parent
    token = _damage_token(folder / SEAL_FILE)
    seal = Seal({})
    try:
        seal = _intact_seal(folder, directory)
        nested = [_remove_if_damaged(inner, directory) for inner in _prepared_folders(folder) if inner != folder]
        if any(nested):
            raise ValueError("; ".join(filter(None, nested)))
    except ValueError as damage:
        if _damage_token(folder / SEAL_FILE) != token:
            # Another process has replaced the folder meanwhile.
            return _check(folder)
        # Two threads of a start find the same damage.
        if _is_first(folder / f".repair-{token}"):
            log.warning("Prepared files are damaged and are prepared again (%s: %s)", folder, damage)
        seal = replace(seal, repair=token)
        with suppress(OSError):
            write_checked(folder / SEAL_FILE, seal)
    return seal


def _is_first(mark: Path) -> bool:
    """Create the file `mark`; return False if another thread or process did so."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        pass
    return True


def _remove_if_damaged(folder: Path, directory: Path) -> str:
    """Return the damage of a folder that was removed, or an empty text."""
    try:
        token = _damage_token(folder / SEAL_FILE)
        try:
            _intact_seal(folder, directory)
        except ValueError as damage:
            if _damage_token(folder / SEAL_FILE) == token:
                shutil.rmtree(folder, ignore_errors=True)
                return f"{folder.name}: {damage}"
    except OSError:
        # Another process has removed or replaced the folder meanwhile.
        pass
    return ""


def _intact_seal(folder: Path, directory: Path) -> Seal:
    """Return the seal of a folder. Raises `ValueError` with the damage."""
    try:
        require_own_file(folder / SEAL_FILE, directory)
        seal = read_checked(folder / SEAL_FILE, Seal)
        files = {name: _intact_file(folder / name, sealed, directory) for name, sealed in seal.files.items()}
    except OSError as error:
        raise ValueError(f"{error.filename}: {error.strerror}") from None
    if files != seal.files:
        seal = replace(seal, files=files)
        # On a disk that is not writable, each start reads the files.
        with suppress(OSError):
            write_checked(folder / SEAL_FILE, seal)
    return seal


def _intact_file(file: Path, sealed: SealedFile, directory: Path) -> SealedFile:
    state = require_own_file(file, directory)
    if state.st_size != sealed.size:
        raise ValueError(f"{file.name} has {state.st_size} bytes instead of {sealed.size}")
    if sealed.has_times_of(state):
        return sealed
    current = _seal(file)
    if current.digest != sealed.digest:
        raise ValueError(f"{file.name} has another content")
    return current


def _seal(file: Path) -> SealedFile:
    # The times come first: a later write changes them.
    state = file.stat()
    return SealedFile(state.st_size, blake2b_of(file), state.st_mtime_ns, state.st_ctime_ns)


def _repair_of(folder: Path) -> str:
    seal = read_if_intact(folder / SEAL_FILE, Seal)
    return seal.repair if seal else ""


def _damage_token(seal: Path) -> str:
    """Return a text for the next repair. All processes that find the same damage return the same text."""
    state = seal.lstat()
    return hashlib.blake2b(f"{state.st_mtime_ns} {state.st_ino}".encode(), digest_size=4).hexdigest()
