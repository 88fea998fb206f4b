from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess
import sys

import pytest

from tests.helpers.servers.protocol_fakes import FakeSpeechService, connect, open_listener
from tests.helpers.waiting import wait_until
from wyoming_kokoro.server import listener as listener_module
from wyoming_kokoro.server.acceptor import Acceptor
from wyoming_kokoro.server.descriptors import log_accept_errors

LIMITED = """
import logging, resource, sys
from wyoming_kokoro.server.descriptors import allowed_connections
logging.basicConfig(format="%(message)s", stream=sys.stdout)
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(allowed_connections(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "output"),
    [
        (256, 1024, 100, "100 648"),
        (1024, 1024, 100, "100 1024"),
        (512, 512, 100, "512 files may be open, which is enough for 32 connections; raise the limit"),
        (256, 256, 100, "256 files may be open, which is enough for 1 connections; raise the limit"),
    ],
)
def test_limit_of_open_files_is_raised_or_limits_the_connections(
    soft: int, hard: int, wanted: int, output: str
) -> None:
    command = [sys.executable, "-c", LIMITED, *map(str, (soft, hard, wanted))]
    assert output in subprocess.run(command, capture_output=True, text=True, check=True).stdout


class ExhaustedSocket(socket.socket):
    """Cannot accept while no descriptors are left."""

    attempts = 0
    is_exhausted = True

    def accept(self) -> tuple[socket.socket, object]:
        self.attempts += 1
        if self.is_exhausted:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return super().accept()


async def test_connections_that_cannot_be_accepted_wait_and_are_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wyoming_kokoro.server.acceptor.RETRY_SECONDS", 0.02)
    created: list[ExhaustedSocket] = []

    def accept_from(sock: socket.socket, *arguments: object) -> Acceptor:
        created.append(ExhaustedSocket(fileno=sock.detach()))
        return Acceptor(created[0], *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(listener_module, "Acceptor", accept_from)
    log_accept_errors(asyncio.get_running_loop())
    async with open_listener(FakeSpeechService()) as listener, connect(listener) as client:
        await wait_until(lambda: created[0].attempts >= 3)
        created[0].is_exhausted = False
        await client.ping()
    (record,) = caplog.records
    assert record.getMessage().startswith("No connection can be accepted ([Errno 24] Too many open files); raise the")
    assert not record.exc_info
