"""Reads the address of the store. No message contains a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

from wyoming_kokoro import Address, ConfigError

Kind = Literal["server", "socket", "sentinel", "cluster"]
SCHEMES: Mapping[str, tuple[Kind, bool]] = {
    "redis": ("server", False),
    "rediss": ("server", True),
    "unix": ("socket", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
"""The kind of the store and whether it uses TLS, by the scheme of the URL."""
TLS_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}
DATABASE_OPTION = "db"
DEFAULT_PORT, DEFAULT_SENTINEL_PORT = 6379, 26379
MAX_PORT = 65_535
FORMS = (
    "write redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], unix://PATH[?db=DATABASE], redis+sentinel://HOST,HOST/SERVICE"
    " or redis+cluster://HOST, with rediss for TLS, and % codes for special characters in passwords, such as %2F for /"
)


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where the store is, and how to log in. Its text contains no secret."""

    scheme: str
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    """The socket, or the name of the service that the sentinels watch."""
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What follows the `?`."""

    @property
    def kind(self) -> Kind:
        """What answers at the address."""
        return SCHEMES[self.scheme][0]

    @property
    def is_encrypted(self) -> bool:
        """Whether the connections use TLS."""
        return SCHEMES[self.scheme][1]

    @property
    def tls_options(self) -> dict[str, Any]:
        """The options of the client for TLS."""
        found: dict[str, Any] = {name: value for name, value in self.options.items() if name in TLS_OPTIONS}
        if "ssl_check_hostname" in found:
            found["ssl_check_hostname"] = found["ssl_check_hostname"].lower() not in ("no", "false", "0")
        return found

    @property
    def secrets(self) -> tuple[str, ...]:
        """All texts that must not be shown."""
        return tuple(filter(None, (self.password, self.options.get("sentinel_password"))))

    def __str__(self) -> str:
        hosts = ",".join(str(Address(host, port)) for host, port in self.hosts)
        path = "/".join(filter(None, (self.path.lstrip("/"), str(self.database or ""))))
        return f"{self.scheme}://{hosts}" + (f"/{path}" if path else "")


def parse_address(url: str, source: str, key: str) -> StoreAddress:
    """Return the address of `url`. Raises `ConfigError`, which names `source` and `key`."""
    # Secrets of Kubernetes often end with a line break.
    scheme, _, rest = url.strip().partition("://")
    if scheme.lower() not in SCHEMES or not rest:
        raise ConfigError(source, key, f"is not an address of Redis; {FORMS}")
    place, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    allowed = {DATABASE_OPTION} if SCHEMES[scheme.lower()][0] == "socket" else TLS_OPTIONS | SENTINEL_OPTIONS
    for name in options:
        if name not in allowed:
            known = ", ".join(sorted(allowed))
            raise ConfigError(source, key, f"has an unknown option after the ?; known: {known}")
    try:
        return _parse(scheme.lower(), place, options)
    except ValueError:
        # The reason could contain a part of the password.
        raise ConfigError(source, key, f"is not an address of Redis; {FORMS}") from None


def _parse(scheme: str, place: str, options: Mapping[str, str]) -> StoreAddress:
    """Return the address. Raises `ValueError`."""
    kind = SCHEMES[scheme][0]
    if kind == "socket":
        credentials, _, path = place.rpartition("@")
        username, password = _credentials(credentials)
        return StoreAddress(scheme, (), unquote(path), _database(options.get(DATABASE_OPTION)), username, password)
    authority, _, path = place.partition("/")
    service, _, database = path.partition("/") if kind == "sentinel" else ("", "", path)
    # An @ here belongs to a password with a slash.
    if bool(service) != (kind == "sentinel") or (kind == "cluster" and database) or "@" in path:
        raise ValueError("the path does not fit the scheme")
    credentials, _, hosts = authority.rpartition("@")
    username, password = _credentials(credentials)
    default_port = DEFAULT_SENTINEL_PORT if kind == "sentinel" else DEFAULT_PORT
    found = tuple(_host(host, default_port) for host in hosts.split(","))
    if kind == "server" and len(found) > 1:
        raise ValueError("only sentinels and clusters have several hosts")
    return StoreAddress(scheme, found, unquote(service), _database(database), username, password, options)


def _database(text: str | None) -> int:
    number = int(text or 0)
    if number < 0:
        raise ValueError("the number of the database is negative")
    return number


def _credentials(text: str) -> tuple[str, str]:
    username, _, password = text.partition(":")
    return unquote(username), unquote(password)


def _host(text: str, default_port: int) -> tuple[str, int]:
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError("an IPv6 address ends with ]")
        port = port[1:]
    else:
        host, _, port = text.partition(":")
    number = int(port or default_port)
    if not host or not 0 < number <= MAX_PORT:
        raise ValueError("a host or its port is missing")
    return host, number
