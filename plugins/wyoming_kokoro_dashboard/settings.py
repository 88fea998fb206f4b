"""`[plugins.dashboard]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.dashboard]`."""

    host: str = "127.0.0.1"
    """Address to listen on; empty means all interfaces."""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 10_280
    """0 picks a free port, which the log names."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names accepted in requests, besides IP addresses and localhost."""
