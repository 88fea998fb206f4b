"""`download`: kokoro-onnx's release files, resumed, checked, and never half there.

The environment variable `WYOMING_KOKORO_RELEASES` names a mirror of the release to take them from.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.releases import RELEASES, RELEASES_URL, RELEASES_VARIABLE, Release, downloads
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.transfer import EFFORT, Effort, Interrupted, Part, Refused, transfer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """The checksums of the files that were trusted when they first came, in a JSON file."""

    path: Path

    def read(self) -> dict[str, str]:
        """Return the checksums by file name. Raises `StartupError` for a file that is not a record."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError:
            raise StartupError(
                f"{self.path} is not a record of checksums; delete it and run the command again"
            ) from None

    def add(self, file: str, sha256: str) -> None:
        """Remember that `file` has the checksum `sha256`."""
        text = msgspec.json.format(msgspec.json.encode({**self.read(), file: sha256}))
        part = self.path.with_name(f"{self.path.name}.part")
        part.write_bytes(text + b"\n")
        part.replace(self.path)


def run_download(config: Config, variant: str, effort: Effort = EFFORT) -> None:
    """Get the file of `variant`, a key of `RELEASES`, unless it is there, and print what to do with it.

    Raises `StartupError` when the file cannot be had, is not the released one or cannot be written, and
    `ConfigError` for an environment that cannot be used. No file stands under its name unverified.
    """
    folder = downloads(config.directories.cache_path)
    source = _source(os.environ)
    if not log.isEnabledFor(logging.DEBUG):
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every redirect as news
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            news = _ensure(RELEASES[variant], folder, source, effort)
    except OSError as error:
        raise StartupError(
            f"{folder} cannot be used ({error.strerror or error});"
            " check its space and permissions, or choose another place with --cache"
        ) from None
    sys.stdout.write(f"{news}\n{_next_step(variant)}\n")


def _source(environment: Mapping[str, str]) -> httpx.URL:
    """Return the address of the folder that has the files."""
    text = environment.get(RELEASES_VARIABLE) or RELEASES_URL
    try:
        url = httpx.URL(text.rstrip("/") + "/")
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError("environment", RELEASES_VARIABLE, "is not an http:// or https:// address")
    return url


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process downloads into `folder`, and keep others waiting."""
    with (folder / ".lock").open("w") as lock:  # it stays: deleting it would let two in
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("Waiting for another download into %s", folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure(release: Release, folder: Path, source: httpx.URL, effort: Effort) -> str:
    """Have the verified file in `folder`, and return what was done for it."""
    target, record = folder / release.file, Record(folder / "checksums.json")
    expected = release.sha256 or record.read().get(release.file)
    if expected and target.exists() and sha256_of(target) == expected:
        return f"{target} is already there and verified."
    if target.exists():
        log.info("%s cannot be verified; getting it anew", target)
    part = Part(target.with_name(f"{release.file}.part"))
    _bring(source.join(release.file), part, target, effort)
    found = sha256_of(part.path)
    if expected is None:
        record.add(release.file, found)
    elif found != expected:
        part.discard()
        raise StartupError(_mismatch(release, record, found, expected))
    part.path.replace(target)
    part.discard()
    return f"{target} is there and {'verified' if expected else f'trusted from now on (sha256 {found})'}."


def _bring(url: httpx.URL, part: Part, target: Path, effort: Effort) -> None:
    by_hand = f"or copy the file to {target} by hand"
    try:
        transfer(url, part, effort)
    except Interrupted as error:
        raise StartupError(
            f"{target.name} is not complete ({error}); check the connection and run the command again,"
            f" which goes on where it stopped, {by_hand}"
        ) from None
    except Refused as error:
        raise StartupError(
            f"{target.name} cannot be had ({error}); set {RELEASES_VARIABLE} to a mirror, {by_hand}"
        ) from None


def _mismatch(release: Release, record: Record, found: str, expected: str) -> str:
    what = f"{release.file} came with the wrong checksum and was removed (sha256 {found}, not {expected})"
    if release.sha256:
        return f"{what}; run the command again, and if that fails too, set {RELEASES_VARIABLE} to a mirror"
    return f"{what}; to accept a new file, delete the entry {release.file!r} from {record.path} and run again"


def _next_step(variant: str) -> str:
    if variant == "voices":
        return 'Next: set [model] voices = "voices" in config.toml'
    return f'Next: run wyoming-kokoro --model {variant}, or set [model] path = "{variant}" in config.toml'
