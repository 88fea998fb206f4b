"""`[plugins.dashboard]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.dashboard]`."""

    host: str = "127.0.0.1"
    """The address to listen on; empty means every interface."""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 10_280
    """0 takes a free one, which the log tells."""
    allowed_hosts: tuple[str, ...] = ()
    """Names by which browsers and Prometheus may ask, besides IP addresses and localhost."""
