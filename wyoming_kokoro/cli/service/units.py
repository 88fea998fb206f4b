"""The units of systemd, from the templates that ship with us."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.server.endpoints import StdioEndpoint, TcpEndpoint, UnixEndpoint, parse

SERVICE, SOCKET = "wyoming-kokoro.service", "wyoming-kokoro.socket"
AFTER_DRAIN_SECONDS = 20
"""What there is to do after the last word: close connections, the model and the caches."""
UNSAFE = re.compile(r"""["'\\\x00-\x1f]""")
"""What systemd refuses in the path of a program."""
PLAIN = re.compile(r"[\w./:@=+,$%-]+")


def units(program: Program, of_user: bool) -> dict[str, str]:
    """Return the texts of the service's and the socket's unit.

    Raises `StartupError` for a URI that no socket unit can stand for.
    """
    service = _template(f"user-{SERVICE}" if of_user else SERVICE)
    service = service.replace("@COMMAND@", _command(*program.command))
    service = service.replace("@HOMES@", _homes(program.in_homes))
    seconds = math.ceil(program.config.server.shutdown_grace_seconds) + AFTER_DRAIN_SECONDS
    service = service.replace("@STOP_SECONDS@", str(seconds))
    return {SERVICE: service, SOCKET: _template(SOCKET).replace("@LISTEN@", _listen(program.config.server.uri))}


def argument(word: str) -> str:
    """Return `word` as it is written in a command line behind the program: systemd.service(5)."""
    return quoted(word.replace("$", "$$"))


def quoted(word: str) -> str:
    """Return `word` as it is written in a setting of a unit that is a list of words: systemd.syntax(7)."""
    literal = word.replace("%", "%%")
    if PLAIN.fullmatch(word):
        return literal
    return '"' + literal.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _template(name: str) -> str:
    return (files("wyoming_kokoro") / "data" / "units" / f"{name}.in").read_text("utf-8")


def _command(program: str, *arguments: str) -> str:
    if UNSAFE.search(program):
        raise StartupError(f"{program} has a sign in its name that no unit can name; move it")
    return " ".join([quoted(program), *map(argument, arguments)])


def _homes(folders: tuple[Path, ...]) -> str:
    """Return how the homes are hidden, all but the folders that are needed."""
    if not folders:
        return "ProtectHome=yes"
    return "\n".join(["ProtectHome=tmpfs", *(f"BindReadOnlyPaths={_bound(folder)}" for folder in folders)])


def _bound(folder: Path) -> str:
    if ":" in str(folder):
        raise StartupError(f"{folder} has a colon in its name, which no unit can name; move it")
    return quoted(str(folder))


def _listen(uri: str) -> str:
    match parse(uri):
        case UnixEndpoint(path):
            return f"ListenStream={quoted(str(path))}\nSocketMode=0660"
        case TcpEndpoint("", port) if port:
            return f"ListenStream={port}"
        case TcpEndpoint(host, port) if port:
            # The address may come later than the boot.
            return f"ListenStream={_address(host)}:{port}\nFreeBind=yes"
        case TcpEndpoint():
            raise StartupError("a service wants a port that stays the same; choose one with --uri")
        case StdioEndpoint():
            raise StartupError("a service has no client at stdio://; choose another --uri")


def _address(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        raise StartupError(f"a service wants an address such as 127.0.0.1, not {host}; use --uri") from None
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)
