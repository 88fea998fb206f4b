"""A fake Supervisor: an HTTP server whose `/discovery` follows the rules of the real one."""

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
    """Records the requests and messages of an add-on."""

    def __init__(self, services: Sequence[str], failures: Sequence[str]) -> None:
        """`services` are those of the add-on's `discovery`. `failures` happen to the first requests."""
        self.services = services
        self.failures = deque(failures)
        self.requests: list[tuple[str, str]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        """The latest message of each service."""
        self.has_request = threading.Event()
        self.has_message = threading.Event()
        self.is_stopping = threading.Event()
        self.url = ""

    def answer(self, authorization: str | None, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of the response to `POST /discovery`."""
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
        self.has_message.set()
        return 200, {"result": "ok", "data": {"uuid": "cafe"}}


@contextmanager
def supervising(services: Sequence[str] = ("wyoming",), failures: Sequence[str] = ()) -> Iterator[FakeSupervisor]:
    """Run a fake Supervisor on a free port. A failure is `hang`, `reset` or an HTTP status."""
    supervisor = FakeSupervisor(services, failures)

    class SupervisorHandler(BaseHTTPRequestHandler):
        def log_message(self, *about: object) -> None:
            """Log nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            supervisor.requests.append((self.command, self.path))
            supervisor.has_request.set()
            failure = supervisor.failures.popleft() if supervisor.failures else ""
            if failure == "hang":
                supervisor.is_stopping.wait(20)
            elif failure == "reset":
                self.connection.close()
            elif failure:
                self._send(int(failure), b"<html>not JSON</html>")
            else:
                status, answer = supervisor.answer(self.headers["Authorization"], body)
                self._send(status, json.dumps(answer).encode())

        do_DELETE = do_PUT = do_GET = do_POST  # noqa: N815 the library defines these names

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class QuietServer(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore closed connections."""

    with QuietServer(("127.0.0.1", 0), SupervisorHandler) as server:
        supervisor.url = f"http://127.0.0.1:{server.server_address[1]}/discovery"
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield supervisor
        finally:
            supervisor.is_stopping.set()
            server.shutdown()
            serving.join()
