"""`[plugins.dashboard]`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.dashboard]`."""

    host: str = "127.0.0.1"
    """Address to listen on; empty means all interfaces, on which the recommendations do not quote what is spoken."""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 10_280
    """0 picks a free port, which the log names."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names accepted in requests, besides IP addresses and localhost."""

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
