"""The name by which Home Assistant knows this server again, kept on disk."""

from __future__ import annotations

import logging
import os
import re
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

import msgspec

MAX_NAME_BYTES = 60
"""A DNS label has 63; three are for the number that settles a clash."""
MAX_HOST_CHARACTERS = 32


def name_error(name: str) -> str | None:
    """Return what is wrong with `name` as the name of a service, or None."""
    if not 0 < len(name.encode()) <= MAX_NAME_BYTES:
        return f"a name has 1 to {MAX_NAME_BYTES} bytes"
    if not name.isprintable() or "." in name or name != name.strip():
        return "a name has no dots, no control characters and no space around it"
    return None


@dataclass(frozen=True, slots=True)
class ConfiguredName:
    """A name that the owner chose, and that is therefore the owner's to change."""

    given: str
    log: logging.Logger

    def name(self) -> str:
        """Return it."""
        return self.given

    def rename(self, name: str) -> None:
        """Ask the owner for another name, since `name` is not kept."""
        self.log.warning("Put %s, or another free name, into [plugins.zeroconf] to keep it", name)


@dataclass(frozen=True, slots=True)
class _Content:
    name: str

    def __post_init__(self) -> None:
        if reason := name_error(self.name):
            raise ValueError(reason)


class StoredName:
    """A name that was made once. Every method blocks for as long as the disk takes."""

    def __init__(self, file: Path, log: logging.Logger) -> None:
        self._file = file
        self._log = log

    def name(self) -> str:
        """Return the kept name; make one when there is none. Never fails, but then the name is not kept."""
        return self._kept() or self._keep(_new_name())

    def rename(self, name: str) -> None:
        """Keep `name` from now on."""
        self._keep(name)

    def _kept(self) -> str | None:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Content).name
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            self._log.warning("%s is broken (%s); Home Assistant will see a new server", self._file, error)
            return None

    def _keep(self, name: str) -> str:
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as stream:
                stream.write(msgspec.json.encode(_Content(name)))
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(self._file)
        except OSError as error:
            self._log.warning(
                "%s cannot be written (%s); the announced name changes at every start until it can",
                self._file,
                error.strerror,
            )
        return name


def _new_name() -> str:
    """Two servers of one machine differ in the number, two machines mostly in the readable part too."""
    host = re.sub(r"[^a-z0-9]+", "-", socket.gethostname().partition(".")[0].lower())
    host = host[:MAX_HOST_CHARACTERS].strip("-")
    return "-".join(part for part in ("kokoro", host, uuid.uuid4().hex[:8]) if part)
