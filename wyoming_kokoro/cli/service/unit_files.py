"""The systemd unit files, rendered from the templates in `data/systemd`."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from wyoming_kokoro.cli.service.program import SHUTDOWN_MARGIN_SECONDS, Program, is_in_home
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.server.endpoints import StdioEndpoint, TcpEndpoint, UnixEndpoint, parse_endpoint

SERVICE, SOCKET = "wyoming-kokoro.service", "wyoming-kokoro.socket"
UNSUPPORTED_CHARACTERS = re.compile(r"""["'\\\x00-\x1f]""")
"""Characters that systemd rejects in the path of a program."""
UNQUOTED_WORD = re.compile(r"[\w./:@=+,$%-]+")
CONTROL_CHARACTER = re.compile(r"[\x01-\x1f\x7f]")


def render_units(program: Program, is_user_service: bool) -> dict[str, str]:
    """Return the contents of the service unit and of the socket unit, by file name.

    Raises `StartupError` when a unit cannot express the URI or a path.
    """
    server = program.config.server
    service = _template(f"user-{SERVICE}" if is_user_service else SERVICE)
    service = service.replace("@COMMAND@", _command(*program.command))
    service = service.replace("@HOMES@", _home_protection(program.directories))
    service = service.replace("@STOP_SECONDS@", str(math.ceil(server.shutdown_grace_seconds) + SHUTDOWN_MARGIN_SECONDS))
    return {SERVICE: service, SOCKET: _template(SOCKET).replace("@LISTEN@", _listen(server.uri))}


def quote_argument(word: str) -> str:
    """Return `word` quoted as an argument of `ExecStart=`: systemd.service(5)."""
    return quote(word.replace("$", "$$"))


def quote(word: str) -> str:
    """Return `word` quoted for a setting that is a list of words: systemd.syntax(7)."""
    literal = word.replace("%", "%%")
    if UNQUOTED_WORD.fullmatch(word):
        return literal
    literal = literal.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + CONTROL_CHARACTER.sub(lambda found: f"\\x{ord(found[0]):02x}", literal) + '"'


def _template(name: str) -> str:
    return (files("wyoming_kokoro") / "data" / "systemd" / f"{name}.in").read_text("utf-8")


def _command(program: str, *arguments: str) -> str:
    if UNSUPPORTED_CHARACTERS.search(program):
        raise StartupError(f"{program} contains a character that systemd units cannot express; use another path")
    return " ".join([quote(program), *map(quote_argument, arguments)])


def _home_protection(directories: tuple[Path, ...]) -> str:
    """Return the settings that hide all homes except those of `directories` that are in a home."""
    paths = [str(path) for path in directories if is_in_home(path)]
    if not paths:
        return "ProtectHome=yes"
    if with_colon := next((path for path in paths if ":" in path), None):
        raise StartupError(f"{with_colon} contains a colon, which systemd units cannot express; use another path")
    return "\n".join(["ProtectHome=tmpfs", *(f"BindReadOnlyPaths={quote(path)}" for path in paths)])


def _listen(uri: str) -> str:
    match parse_endpoint(uri):
        case UnixEndpoint(path):
            return f"ListenStream={quote(str(path))}\nSocketMode=0660"
        case TcpEndpoint("", port) if port:
            return f"ListenStream={port}"
        case TcpEndpoint(host, port) if port:
            address = _address(host)
            scope = f"%%{address.scope_id}" if isinstance(address, IPv6Address) and address.scope_id else ""
            number = address.compressed.partition("%")[0]
            literal = f"[{number}]" if isinstance(address, IPv6Address) else number
            # FreeBind= binds an address that is not configured yet, as at boot.
            return f"ListenStream={literal}:{port}{scope}\nFreeBind=yes"
        case TcpEndpoint():
            raise StartupError("a service needs a fixed port; set one with --uri")
        case StdioEndpoint():
            raise StartupError("a service cannot use stdio://; set another endpoint with --uri")


def _address(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(host)
    except ValueError:
        raise StartupError(f"a service needs an IP address, not {host}; set one such as 127.0.0.1 with --uri") from None
