"""An HTTP server of published files that can fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

STALL_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """How the server answers one request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    """Send only this many bytes of the promised content."""
    stalls: bool = False
    """Keep the connection open after that, instead of closing it."""


@dataclass
class ReleaseServer:
    """What the server sends, and the paths that clients have requested."""

    content: bytes
    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    """The answers to the next requests. Without one the server sends all of the content."""
    paths: list[str] = field(default_factory=list)
    is_closing: Event = field(default_factory=Event)


def create_handler(server: ReleaseServer) -> type[BaseHTTPRequestHandler]:
    class ReleaseHandler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            server.paths.append(self.path)
            answer = server.answers.pop(0) if server.answers else Answer()
            content = server.content if answer.status == 200 else b""
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: answer.cut])
            if answer.stalls:
                self.wfile.flush()
                server.is_closing.wait(STALL_TIMEOUT_SECONDS)

    return ReleaseHandler


@contextmanager
def running_release_server(content: bytes) -> Iterator[ReleaseServer]:
    """Serve `content` under every path on the loopback interface."""
    server = ReleaseServer(content)
    http_server = ThreadingHTTPServer(("127.0.0.1", 0), create_handler(server))
    http_server.daemon_threads = False  # closing then waits for the threads of requests
    server.url = f"http://127.0.0.1:{http_server.server_port}"
    thread = Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.is_closing.set()
        http_server.shutdown()
        thread.join()
        http_server.server_close()
