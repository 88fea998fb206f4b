"""Rejects requests that a foreign website makes through a visitor's browser.

The Host header reveals DNS rebinding, where a foreign host name resolves to this server. The Origin and Sec-Fetch-Site
headers reveal requests from a page of another origin.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Forbid = Callable[[str], web.StreamResponse]

HOST_HEADER = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+(?:%[^\[\]\s]+)?)\]|(?P<name>[^\[\]:/?#@\s]+))(?::\d*)?")


def host_check_middleware(
    plugin: str,
    allowed_hosts: Collection[str],
    allowed_origins: Collection[str] | None = None,
    forbid: Forbid | None = None,
) -> Middleware:
    """Return a middleware that answers 403 to requests with another host name or from another origin.

    `plugin` names the settings in the message. `allowed_origins` is None without such a setting. `forbid` makes the
    response of a message.
    """
    forbid = forbid or _forbid

    @web.middleware
    async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        if not is_allowed_host(host, allowed_hosts):
            name = parse_host(host)[:80]
            return forbid(f"host name is not allowed: {name!r}; add it to allowed_hosts in [plugins.{plugin}]")
        is_allowed = origin in (allowed_origins or ()) or is_same_origin(
            origin, request.headers.get("Sec-Fetch-Site"), host
        )
        if not is_allowed:
            reason = "requests from pages of other websites are not allowed"
            if allowed_origins is not None and origin:
                reason += f"; to allow them, add {origin[:80]!r} to cors_origins in [plugins.{plugin}]"
            return forbid(reason)
        return await handler(request)

    return check_host


def is_allowed_host(host: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a Host header contains an IP address, localhost or one of `allowed_hosts`."""
    name = parse_host(host)
    allowed = {"localhost", *(other.lower().rstrip(".") for other in allowed_hosts)}
    return name in allowed or _is_ip_address(name)


def is_same_origin(origin: str | None, fetch_site: str | None, host: str) -> bool:
    """Return whether the Origin and Sec-Fetch-Site headers, if present, allow a request to `host`."""
    if fetch_site not in (None, "same-origin", "none"):
        return False
    return origin is None or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())


def parse_host(host: str) -> str:
    """Return the name or address in a Host header without its port, or an empty string when it is malformed."""
    found = HOST_HEADER.fullmatch(host)
    return (found["address"] or found["name"]).lower().rstrip(".") if found else ""


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _forbid(reason: str) -> web.Response:
    return web.Response(status=403, text=f"{reason}\n")
