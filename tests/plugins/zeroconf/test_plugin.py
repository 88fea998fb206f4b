"""Settings of the zeroconf plugin, and the service that it provides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import zeroconf  # noqa: F401 the plugin imports it late, which would block the event loop of the first test
from blockbuster import blockbuster_ctx

from tests.helpers.waiting import wait_until
from wyoming_kokoro import Address, ConfigError
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro.types import Advertised
from wyoming_kokoro_zeroconf import ZeroconfPlugin


def services(
    folder: Path, hosts: Sequence[str], advertised: Advertised = "own", **settings: Any
) -> list[AbstractAsyncContextManager[object]]:
    plugin = ZeroconfPlugin(plugin_context("zeroconf", folder, settings), poll_seconds=0.05)
    return list(plugin.kokoro_services(FakeServer([Address(host, 10200) for host in hosts], advertised)))


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1"], ["::1", "127.0.0.1"], ["169.254.7.7"], ["fe80::1"]])
def test_server_without_reachable_address_is_not_announced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, hosts: list[str]
) -> None:
    caplog.set_level(logging.INFO)
    assert services(tmp_path, hosts) == []
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert not list(tmp_path.iterdir())


def test_server_that_advertises_nothing_is_not_announced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert services(tmp_path, ["0.0.0.0"], "none") == []
    assert "[server] advertise" in caplog.text


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_balancer_is_announced_also_by_a_server_on_the_loopback_interface(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    """A balancer without a reachable address is an error, which is logged once."""
    (service,) = services(tmp_path, [host], Address("localhost", 10200))
    async with service:
        await wait_until(lambda: caplog.records)
        # Time for more attempts.
        await asyncio.sleep(0.2)
    (message,) = [record.getMessage() for record in caplog.records]
    assert message == "Announcement failed (localhost has no address that other machines can reach); will retry"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"nmae": "x"}, "plugins.zeroconf.nmae: unknown key; did you mean name?"),
        ({"interfaces": "eth0"}, "plugins.zeroconf.interfaces"),
        ({"name": "my.box"}, "no dots"),
        ({"name": "a\nb"}, "no control characters"),
        ({"name": "ü" * 31}, "60 bytes"),
    ],
)
def test_invalid_setting_is_an_error(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        services(tmp_path, ["0.0.0.0"], **settings)


async def test_service_starts_at_once_and_leaves_no_tasks(tmp_path: Path) -> None:
    """On the real network of this machine, and for services that are left early."""
    before = asyncio.all_tasks()
    with blockbuster_ctx(["wyoming_kokoro_zeroconf"]):
        for seconds in (0, 0.01, 0.2, 1):
            (service,) = services(tmp_path, ["0.0.0.0", "::"])
            async with service:
                await asyncio.sleep(seconds)
    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before


async def test_cancelled_withdrawal_leaves_no_tasks(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    (service,) = services(tmp_path, ["0.0.0.0", "::"])

    async def serve() -> None:
        async with service:
            await asyncio.sleep(60)

    serving = asyncio.create_task(serve())
    await asyncio.sleep(1)
    serving.cancel()
    await asyncio.sleep(0.05)
    serving.cancel()
    await asyncio.wait({serving})
    assert serving.cancelled()
    remaining = asyncio.all_tasks() - before
    if remaining:
        await asyncio.wait(remaining, timeout=10)
    assert asyncio.all_tasks() == before
