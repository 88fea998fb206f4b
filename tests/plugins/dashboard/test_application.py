"""Response headers, allowed methods and connection limits of the HTTP server."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from tests.helpers.servers.dashboard import PATHS, SPOKEN_TEXT, busy_server, running_dashboard
from tests.helpers.waiting import wait_until
from wyoming_kokoro.testing import FakeServer
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


UNFINISHED = (
    b"POST /api/say HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
)


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\nHost: local", UNFINISHED], ids=["silent", "header", "body"])
async def test_unfinished_requests_do_not_shut_out_others(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """One that is idle makes room. A client that leaves is no error."""
    async with running_dashboard() as dashboard:
        connections = [await asyncio.open_connection("127.0.0.1", dashboard.port) for _ in range(MAX_CONNECTIONS)]
        for _, writer in connections:
            writer.write(data)
        await asyncio.sleep(0.1)
        assert (await dashboard.get("/healthz")).status_code == 200
        await wait_until(lambda: any(reader.at_eof() for reader, _ in connections))
        for _, writer in connections:
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.1)
        assert (await dashboard.get("/healthz")).status_code == 200
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert lines == [
        "Closed the connection of 127.0.0.1: idle longest of its address, and other clients need the place"
    ]


async def test_body_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wyoming_kokoro_dashboard.json_requests.BODY_TIMEOUT_SECONDS", 0.1)
    async with running_dashboard() as dashboard:
        reader, writer = await asyncio.open_connection("127.0.0.1", dashboard.port)
        writer.write(UNFINISHED)
        assert (await asyncio.wait_for(reader.readline(), 20)).split()[1] == b"408"
        writer.close()
        await writer.wait_closed()


async def test_client_that_does_not_read_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wyoming_kokoro.http.connections.STALL_TIMEOUT_SECONDS", 0.2)
    server = busy_server()
    async with running_dashboard(server) as dashboard:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", dashboard.port))
        _, writer = await asyncio.open_connection(sock=connection, limit=1)
        writer.write(b"GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000)
        await wait_for_rejection(server, "client-stalled")
        writer.transport.abort()


async def wait_for_rejection(server: FakeServer, code: str) -> None:
    await wait_until(lambda: code in {row.code for row in server.metrics.rejections})


@pytest.mark.parametrize(
    "data", [b"\x00\xff\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", b"GET\r\n\r\n"]
)
async def test_malformed_request_is_rejected_and_the_server_continues(
    data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has no traceback."""
    async with running_dashboard() as dashboard:
        reader, writer = await asyncio.open_connection("127.0.0.1", dashboard.port)
        writer.write(data)
        response = await asyncio.wait_for(reader.read(200), 20)
        assert response.startswith(b"HTTP/1.") or not response
        assert b" 200 " not in response.partition(b"\n")[0]
        writer.close()
        assert (await dashboard.get("/healthz")).status_code == 200
    assert not [record for record in caplog.records if record.exc_info]
