"""Response headers, allowed methods and connection limits of the HTTP server."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.servers.dashboard import PATHS, SPOKEN_TEXT, running_dashboard
from wyoming_kokoro_dashboard import MAX_CONNECTIONS
from wyoming_kokoro_dashboard.application import SECURITY_HEADERS


async def test_every_path_is_answered_without_spoken_text() -> None:
    async with running_dashboard() as dashboard:
        for path in PATHS:
            response = await dashboard.get(path)
            assert (response.status_code, bool(response.content)) == (200, True)
            assert SPOKEN_TEXT not in response.text


async def test_every_response_has_the_security_headers() -> None:
    """Errors have them too, and no response sets a cookie or reveals software versions."""
    async with running_dashboard() as dashboard:
        paths = (*PATHS, "/missing", "/../etc/passwd", "/api/snapshot?after=x")
        responses = [await dashboard.get(path) for path in paths]
        responses.append(await dashboard.get("/", {"Host": "evil.example"}))
        responses.append(await dashboard.client.post("/"))
    assert [response.status_code for response in responses[len(PATHS) :]] == [404, 404, 400, 403, 405]
    for response in responses:
        assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert "set-cookie" not in response.headers
        assert response.headers["server"] == "wyoming-kokoro"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_pages_accept_only_get(method: str) -> None:
    async with running_dashboard() as dashboard:
        for path in PATHS:
            assert (await dashboard.client.request(method, path)).status_code == 405


async def test_connection_above_the_limit_is_closed() -> None:
    async with running_dashboard() as dashboard:
        connections = [await asyncio.open_connection("127.0.0.1", dashboard.port) for _ in range(MAX_CONNECTIONS)]
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", dashboard.port)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        for _, other in (*connections, (reader, writer)):
            other.close()
            await other.wait_closed()
        await asyncio.sleep(0.1)
        assert (await dashboard.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "data", [b"\x00\xff\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", b"GET\r\n\r\n"]
)
async def test_malformed_request_is_rejected_and_the_server_continues(data: bytes) -> None:
    async with running_dashboard() as dashboard:
        reader, writer = await asyncio.open_connection("127.0.0.1", dashboard.port)
        writer.write(data)
        response = await asyncio.wait_for(reader.read(200), 20)
        assert response.startswith(b"HTTP/1.") or not response
        assert b" 200 " not in response.partition(b"\n")[0]
        writer.close()
        assert (await dashboard.get("/healthz")).status_code == 200
