"""The name that identifies this server to Home Assistant: configured, or generated once and stored."""

from __future__ import annotations

import logging
import re
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from wyoming_kokoro import parse_json, write_atomically

MAX_NAME_BYTES = 60
"""A DNS label has at most 63 bytes. Three are reserved for the number that resolves a conflict."""
MAX_NAME_NUMBER = 20
MAX_HOST_CHARACTERS = 32


def name_error(name: str) -> str | None:
    """Return what is wrong with `name` as the name of a service, or None."""
    if not 0 < len(name.encode()) <= MAX_NAME_BYTES:
        return f"must have 1 to {MAX_NAME_BYTES} bytes"
    if not name.isprintable() or "." in name or name != name.strip():
        return "must have no dots, no control characters and no surrounding space"
    return None


@dataclass(frozen=True, slots=True)
class NumberedName:
    """A name, with a number if other servers had it before."""

    name: str
    number: Annotated[int, Meta(ge=1, le=MAX_NAME_NUMBER)] = 1

    def __post_init__(self) -> None:
        if reason := name_error(self.name):
            raise ValueError(reason)

    def __str__(self) -> str:
        return f"{self.name}-{self.number}" if self.number > 1 else self.name

    def candidates(self) -> Iterator[NumberedName]:
        """Yield this name, and those with higher numbers."""
        return (replace(self, number=number) for number in range(self.number, MAX_NAME_NUMBER + 1))


def balancer_name(host: str, port: int) -> str:
    """Return the name of a load balancer, which is the same on all servers that announce it."""
    return f"kokoro-{_to_label(host)}-{port}"


class InstanceName:
    """The configured name, or a generated one in a file. The methods block while they use the disk."""

    def __init__(self, configured: str, file: Path, log: logging.Logger) -> None:
        """`configured` may be empty. Only the operator changes it."""
        self._configured = configured
        self._file = file
        self._log = log

    def name(self) -> NumberedName:
        """Return the configured name, the stored name, or generate and store one. Logs instead of failing."""
        if self._configured:
            return NumberedName(self._configured)
        return self._read() or self._write(NumberedName(_generate_name()))

    def rename(self, name: NumberedName) -> None:
        """Store `name`, or log that it is used until the next start. Logs instead of failing."""
        if self._configured:
            self._log.warning("Name %s is not stored; set [plugins.zeroconf] name to it or to another free name", name)
        else:
            self._write(name)

    def _read(self) -> NumberedName | None:
        try:
            return parse_json(self._file.read_bytes(), NumberedName)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self._log.warning("%s cannot be read (%s); Home Assistant will show a new server", self._file, error)
            return None

    def _write(self, name: NumberedName) -> NumberedName:
        try:
            write_atomically(self._file, msgspec.json.encode(name))
        except OSError as error:
            self._log.warning(
                "%s cannot be written (%s); the announced name will change at every start", self._file, error.strerror
            )
        return name


def _generate_name() -> str:
    # The host name makes it readable. The number keeps apart two servers on one machine.
    host = _to_label(socket.gethostname().partition(".")[0])
    return "-".join(part for part in ("kokoro", host, uuid.uuid4().hex[:8]) if part)


def _to_label(host: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", host.lower())[:MAX_HOST_CHARACTERS].strip("-")
