"""Who may ask: no page of the internet that a browser in the house was made to open.

A name that leads here only since its owner changed its address (DNS rebinding) is told by the Host header, a page of
another origin by the Origin header.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "no-store",
}
"""What every answer bears, unless its route says otherwise."""
HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:/?#@\s]+))(?::\d*)?")


def host_check_middleware(allowed_hosts: Collection[str]) -> Middleware:
    """Return a middleware that answers only who may ask; `allowed_hosts` are names besides addresses and localhost."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        if not is_allowed_host(host, allowed_hosts):
            name = parse_host(host)[:80] or "no name"
            return _refusal(f"{name!r} is not a name of this server; add it to allowed_hosts in [plugins.dashboard]")
        if not is_same_origin(request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), host):
            return _refusal("pages of other servers may not ask here")
        return await handler(request)

    return guard


def is_allowed_host(host: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a Host header names an IP address, localhost or one of `allowed_hosts`."""
    name = parse_host(host)
    known = {"localhost", *(other.lower().rstrip(".") for other in allowed_hosts)}
    return name in known or is_address(name)


def is_same_origin(origin: str | None, site: str | None, host: str) -> bool:
    """Return whether a request is not from a page of another origin than `host`, by what its browser tells."""
    if site not in (None, "same-origin", "none"):
        return False
    return origin is None or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())


def parse_host(host: str) -> str:
    """Return the name in a Host header, without the port; nothing when it is no such header."""
    found = HOST.fullmatch(host)
    return (found["address"] or found["name"]).lower().rstrip(".") if found else ""


def is_address(name: str) -> bool:
    """Return whether `name` is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refusal(why: str) -> web.Response:
    return web.Response(status=403, text=f"{why}\n")
