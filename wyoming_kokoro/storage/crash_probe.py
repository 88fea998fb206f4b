"""Runs native code in a child process first, because damaged data ends its process without an error."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.storage.checked_json import read_if_intact, write_checked
from wyoming_kokoro.storage.child_processes import ChildProcesses, describe_exit
from wyoming_kokoro.storage.digests import sha256_of

_PROBES_FILE = "probes.json"
# A probe takes a second, and half a minute on an emulated CPU. The limit ends one that damaged data keeps waiting.
TIMEOUT_SECONDS = 120.0


def find_crash(module: str, *arguments: str, files: Iterable[Path], cache_dir: Path) -> str:
    """Return how `python -m module` ends a child process, or an empty text if it ends well.

    A good end is stored in `cache_dir`, and the module does not run again while `files`, which may be folders, stay
    the same.
    """
    command, store = " ".join([module, *arguments]), cache_dir / _PROBES_FILE
    state = _state_of(files)
    passed = read_if_intact(store, dict[str, str]) or {}
    if state and passed.get(command) == state:
        return ""
    try:
        ended = ChildProcesses().run(module, *arguments, timeout_seconds=TIMEOUT_SECONDS)
    except StartupError:
        return f"it does not end within {TIMEOUT_SECONDS:g} s, because the machine is busy or a file is damaged"
    except OSError:
        # No process can be started, which says nothing about the files.
        return ""
    if ended.exit_code:
        return ended.reason if ended.exit_code > 0 else f"it ends with {describe_exit(ended.exit_code)}"
    # Without a writable cache directory, each start runs the module.
    with suppress(OSError):
        if state:
            write_checked(store, {**passed, command: state})
    return ""


def _state_of(files: Iterable[Path]) -> str:
    """Return a digest of the sizes, times and inodes of all `files`, or an empty text if one cannot be found."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        for file in _walk(files):
            state = os.stat(file)  # noqa: PTH116 half as fast with paths
            digest.update(f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino} ".encode())
    except OSError:
        return ""
    return digest.hexdigest()


def _walk(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        yield str(file)
        for folder, folders, names in os.walk(file):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))  # noqa: PTH118


def find_damage(distribution: str, folder: Path) -> str:
    """Return which file in `folder` is not as pip installed it with `distribution`, or an empty text."""
    try:
        files = metadata.files(distribution) or ()
    except metadata.PackageNotFoundError:
        return ""
    for file in files:
        path = Path(str(file.locate())).resolve()
        if file.hash and file.hash.mode == "sha256" and folder.resolve() in path.parents:
            try:
                digest = urlsafe_b64encode(bytes.fromhex(sha256_of(path))).rstrip(b"=").decode()
            except OSError as error:
                return f"{path}: {error.strerror}"
            if digest != file.hash.value:
                return f"{path} is not as it was installed"
    return ""
