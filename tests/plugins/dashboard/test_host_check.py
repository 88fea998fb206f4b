"""Who may ask the dashboard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.helpers.dashboard import PATHS, dashboard
from wyoming_kokoro_dashboard.host_check import is_allowed_host, is_same_origin


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("[::1]:10280", 200),
        ("192.168.1.7:10280", 200),
        ("LOCALHOST:10280", 200),
        ("voice.lan", 200),
        ("Voice.LAN.:8080", 200),
        ("", 403),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("evil.example:127.0.0.1", 403),
        ("evil.example@127.0.0.1", 403),
        ("[::1", 403),
    ],
)
async def test_only_who_knows_the_address_may_ask(host: str, status: int) -> None:
    """A name of somebody else's that leads here is a trick (DNS rebinding)."""
    async with dashboard(allowed_hosts=("voice.lan",)) as browser:
        for path in PATHS:
            answer = await browser.get(path, {"Host": host})
            assert answer.status_code == status, path
            assert status == 200 or "[plugins.dashboard]" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost:10280"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://localhost:8123"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_no_page_of_another_server_may_ask(headers: dict[str, str], status: int) -> None:
    async with dashboard() as browser:
        answer = await browser.get("/api/snapshot", {"Host": "localhost:10280", **headers})
        assert answer.status_code == status


@given(some.text(), some.text(), some.text())
def test_any_header_can_be_judged(host: str, origin: str, site: str) -> None:
    assert is_allowed_host(host, ()) in (True, False)
    assert is_same_origin(origin, site, host) in (True, False)


@given(some.from_regex(r"[a-z]{1,20}(\.[a-z]{2,10}){1,3}", fullmatch=True))
def test_no_name_is_known_that_was_not_configured(name: str) -> None:
    assert not is_allowed_host(name, ())
    assert not is_allowed_host(f"{name}:80", ("localhost",))
    assert is_allowed_host(f"{name}:80", (name.upper(),))


# What goes wrong
