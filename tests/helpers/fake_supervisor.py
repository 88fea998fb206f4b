"""A FakeSupervisor, as far as its discovery goes: a real HTTP server that keeps the rules of the real one."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "the add-on's own token"


class FakeSupervisor:
    """What the add-on's messages lead to."""

    def __init__(self, services: Sequence[str], moods: Sequence[str]) -> None:
        """`services` are those of the add-on's `discovery`; `moods` are what the first requests meet."""
        self.services = services
        self.moods = deque(moods)
        self.requests: list[tuple[str, str]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        """The message of each service, which is kept until the add-on is removed."""
        self.asked = threading.Event()
        self.known = threading.Event()
        self.over = threading.Event()
        self.url = ""

    def answer(self, authorization: str | None, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return status and body, as `POST /discovery` has them."""
        if authorization != f"Bearer {TOKEN}":
            return 401, {}
        try:
            message = json.loads(body)
            service, config = message.pop("service"), message.pop("config")
        except (ValueError, KeyError):
            return 400, {"result": "error", "message": "required key not provided"}
        if message or not isinstance(config, dict):
            return 400, {"result": "error", "message": "extra keys not allowed"}
        if service not in self.services:
            return 403, {"result": "error", "message": "list services in your config!"}
        self.messages[service] = config
        self.known.set()
        return 200, {"result": "ok", "data": {"uuid": "cafe"}}


@contextmanager
def supervising(services: Sequence[str] = ("wyoming",), moods: Sequence[str] = ()) -> Iterator[FakeSupervisor]:
    """Run a Supervisor on a port of its own. A mood is `hang`, `reset` or a status."""
    supervisor = FakeSupervisor(services, moods)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *about: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            supervisor.requests.append((self.command, self.path))
            supervisor.asked.set()
            mood = supervisor.moods.popleft() if supervisor.moods else ""
            if mood == "hang":
                supervisor.over.wait(20)
            elif mood == "reset":
                self.connection.close()
            elif mood:
                self._send(int(mood), b"<html>not JSON</html>")
            else:
                status, answer = supervisor.answer(self.headers["Authorization"], body)
                self._send(status, json.dumps(answer).encode())

        do_DELETE = do_PUT = do_GET = do_POST  # noqa: N815 named by the library

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that has gone is no matter."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        supervisor.url = f"http://127.0.0.1:{server.server_address[1]}/discovery"
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield supervisor
        finally:
            supervisor.over.set()
            server.shutdown()
            serving.join()
