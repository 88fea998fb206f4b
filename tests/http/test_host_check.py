"""Which host names and origins may send requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.servers.dashboard import PATHS, running_dashboard
from wyoming_kokoro.http.host_check import is_allowed_host, is_same_origin


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
async def test_unknown_host_name_is_rejected(host: str, status: int) -> None:
    """A foreign name that resolves to this server is an attack (DNS rebinding)."""
    async with running_dashboard(allowed_hosts=("voice.lan",)) as dashboard:
        for path in PATHS:
            response = await dashboard.get(path, {"Host": host})
            assert response.status_code == status, path
            assert status == 200 or "allowed_hosts in [plugins.dashboard]" in response.text


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
async def test_request_from_another_origin_is_rejected(headers: dict[str, str], status: int) -> None:
    async with running_dashboard() as dashboard:
        response = await dashboard.get("/api/snapshot", {"Host": "localhost:10280", **headers})
        assert response.status_code == status


@given(st.text(), st.text(), st.text())
def test_any_header_can_be_checked(host: str, origin: str, fetch_site: str) -> None:
    assert is_allowed_host(host, ()) in (True, False)
    assert is_same_origin(origin, fetch_site, host) in (True, False)


@given(st.from_regex(r"[a-z]{1,20}(\.[a-z]{2,10}){1,3}", fullmatch=True))
def test_name_is_allowed_only_if_configured(name: str) -> None:
    assert not is_allowed_host(name, ())
    assert not is_allowed_host(f"{name}:80", ("localhost",))
    assert is_allowed_host(f"{name}:80", (name.upper(),))
