"""A server of release files that can fail in every way, and what a test of `download` looks at."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from wyoming_kokoro.config import Config
from wyoming_kokoro.download import run_download
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.releases import RELEASES, RELEASES_VARIABLE
from wyoming_kokoro.transfer import Effort

FILE = RELEASES["fp32"].file
CONTENT = bytes(range(256)) * 2000
CUT = 200_000
OTHER = CONTENT[::-1] + b"longer"
QUICK = Effort(timeout=20.0, pauses=(0.0, 0.0, 0.0))
PATIENCE = 60.0


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    status: int = 0
    cut: int | None = None
    """Send only so many bytes of what was promised..."""
    stall: bool = False
    """...and then nothing until the mirror is released, instead of closing."""


@dataclass
class Mirror:
    """What the server serves, how, and what it was asked."""

    url: str = ""
    content: bytes = CONTENT
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"one"'})
    ranges: bool = True
    if_range: bool = True
    says_length: bool = True
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)
    """Range and If-Range of every request."""
    sent: int = 0
    released: Event = field(default_factory=Event)


def handler(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            if self.path.startswith("/moved/"):
                self.answer(302, {"Location": f"{mirror.url}{self.path.removeprefix('/moved')}"}, b"")
                return
            asked = (self.headers["Range"], self.headers["If-Range"])
            mirror.asked.append(asked)
            fault = mirror.faults.pop(0) if mirror.faults else Fault()
            if fault.status:
                self.answer(fault.status, {}, b"")
            else:
                self.serve(*asked, fault)

        def serve(self, wanted: str | None, condition: str | None, fault: Fault) -> None:
            whole, tag = len(mirror.content), mirror.headers.get("ETag")
            if not wanted or not mirror.ranges or (mirror.if_range and condition not in (None, tag)):
                self.answer(200, mirror.headers, mirror.content, fault)
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= whole:
                self.answer(416, {"Content-Range": f"bytes */{whole}"}, b"")
                return
            place = {"Content-Range": f"bytes {start}-{whole - 1}/{whole}"}
            self.answer(206, {**mirror.headers, **place}, mirror.content[start:], fault)

        def answer(self, status: int, headers: Mapping[str, str], body: bytes, fault: Fault = Fault()) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if mirror.says_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: fault.cut])
            mirror.sent += len(body[: fault.cut])
            if fault.stall:
                mirror.released.wait(PATIENCE)

    return Handler


@contextmanager
def serving(mirror: Mirror) -> Iterator[Mirror]:
    """Serve `mirror` until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(mirror))
    server.daemon_threads = False  # so that closing waits for them
    mirror.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield mirror
    finally:
        mirror.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mirroring() -> Iterator[Mirror]:
    """Serve a mirror that `download` takes its files from, past every proxy."""
    with pytest.MonkeyPatch.context() as patch, serving(Mirror()) as mirror:
        for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(variable)
        patch.setenv(RELEASES_VARIABLE, mirror.url)
        yield mirror


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def leave_part(folder: Path, content: bytes, etag: str = '"one"') -> None:
    (folder / f"{FILE}.part").write_bytes(content)
    (folder / f"{FILE}.part.etag").write_text(etag)


def put_record(folder: Path, content: bytes) -> Path:
    path = folder / "checksums.json"
    path.write_text(json.dumps({FILE: checksum(content)}))
    return path


def failure(config: Config, variant: str = "fp32", effort: Effort = QUICK) -> str:
    with pytest.raises(StartupError) as caught:
        run_download(config, variant, effort)
    assert "\n" not in str(caught.value)
    return str(caught.value)
