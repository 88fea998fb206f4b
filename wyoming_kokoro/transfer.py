"""Bringing one file over HTTP, going on where the last try stopped."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from tqdm import tqdm

from wyoming_kokoro.errors import ConfigError

log = logging.getLogger(__name__)

BUSY = (408, 425, 429, 500, 502, 503, 504)
CONNECT_SECONDS = 10.0
STRONG_ETAG = re.compile(r'"[!#-~]*"')
CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class Interrupted(Exception):
    """The connection failed or the server was busy: another try may go on."""


class Refused(Exception):
    """The server does not give the file, and will not on another try either."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried before giving up."""

    timeout: float = 30.0
    """Seconds of silence after which a connection counts as lost."""
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0)
    """Seconds before each further try."""


EFFORT = Effort()


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes that have come so far and, in a file beside them, the ETag of the whole they belong to."""

    path: Path

    @property
    def etag_path(self) -> Path:
        """Where the ETag is kept."""
        return self.path.with_name(f"{self.path.name}.etag")

    def etag(self) -> str:
        """Return the ETag, or nothing when there is none that vouches for every byte."""
        try:
            text = self.etag_path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return text if STRONG_ETAG.fullmatch(text) else ""

    def size(self) -> int:
        """Return the number of bytes that have come."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def begin(self, etag: str) -> None:
        """Start from zero, with the file that `etag` names."""
        self.path.write_bytes(b"")  # first, so that old bytes never stand beside a new ETag
        self.etag_path.write_text(etag, "utf-8")

    def discard(self) -> None:
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
        self.etag_path.unlink(missing_ok=True)


def transfer(url: httpx.URL, part: Part, effort: Effort = EFFORT) -> None:
    """Bring everything at `url` into `part`, from where `part` ends if the server still has the same file.

    Raises `Interrupted` when no try came to the end, `Refused` when none will, `ConfigError` for proxies
    or certificates that cannot be used, and `OSError` when `part` cannot be written. What has come stays
    in `part`.
    """
    with _client(effort) as client:
        for pause in effort.pauses:
            before = part.size()
            try:
                return _try(client, url, part)
            except Interrupted as error:
                level = logging.INFO if part.size() > before else logging.DEBUG
                log.log(level, "%s; trying again in %g s", error, pause)
                time.sleep(pause)
        return _try(client, url, part)


def _client(effort: Effort) -> httpx.Client:
    timeout = httpx.Timeout(effort.timeout, connect=min(effort.timeout, CONNECT_SECONDS))
    # Ranges count the bytes that are sent, so that these must be the file's own.
    headers = {"Accept-Encoding": "identity"}
    try:
        return httpx.Client(timeout=timeout, headers=headers, follow_redirects=True)
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        raise ConfigError(
            "environment", "", f"the proxy or certificate settings cannot be used: {_one_line(error)}"
        ) from None


def _try(client: httpx.Client, url: httpx.URL, part: Part) -> None:
    etag = part.etag()
    start = part.size() if etag else 0
    headers = {"Range": f"bytes={start}-", "If-Range": etag} if start else {}
    try:
        with client.stream("GET", url, headers=headers) as response:
            if start and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                _accept_whole(response, part)
            else:
                _check_status(response)
                _receive(response, part, start, etag)
    except httpx.RequestError as error:
        raise Interrupted(f"{error.request.url.host}: {_one_line(error)}") from None


def _accept_whole(response: httpx.Response, part: Part) -> None:
    """Take `part` for complete if it is as long as the file that has no more bytes to give."""
    if _content_range(response) != (None, part.size()):
        part.discard()
        raise Interrupted(f"{response.url.host} has a file of another length; starting over")


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    answer = f"{response.url.host} answers {status} {httpx.codes.get_reason_phrase(status)}".rstrip()
    if status in BUSY:
        raise Interrupted(answer)
    if status not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        raise Refused(answer)
    if response.headers.get("content-type", "").startswith("text/html"):
        raise Refused(f"{response.url.host} answers with a web page, perhaps a login")


def _receive(response: httpx.Response, part: Part, start: int, etag: str) -> None:
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        first, total = _content_range(response)
        if not start or first != start or response.headers.get("etag", etag) != etag:
            part.discard()
            raise Interrupted(f"{response.url.host} sent another part than the one asked for; starting over")
    else:
        start, total = 0, _number(response.headers.get("content-length"))
        part.begin(response.headers.get("etag", ""))
    if not total:  # an empty file, or one that ends early, would pass for a whole one
        raise Refused(f"{response.url.host} does not say how long the file is")
    _store(_watched(response.iter_raw(), part.path.stem, start, total), part)
    if part.size() != total:
        raise Interrupted(f"{response.url.host} stopped early")


def _content_range(response: httpx.Response) -> tuple[int | None, int | None]:
    """Return the first byte that is sent and the length of the whole, as far as they are stated."""
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    return (_number(match[1]), _number(match[2])) if match else (None, None)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _store(chunks: Iterable[bytes], part: Part) -> None:
    with part.path.open("ab") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())  # the file's name must not reach the disk before its bytes


def _watched(chunks: Iterable[bytes], name: str, done: int, total: int) -> Iterator[bytes]:
    """Return `chunks` and show how far they are: a bar on a terminal, a line every tenth elsewhere."""
    log.info("%s %s (%s)", "Going on with" if done else "Downloading", name, _size(total))
    shown = _drawn if sys.stderr.isatty() else _logged
    return shown(chunks, name, done, total)


def _drawn(chunks: Iterable[bytes], name: str, done: int, total: int) -> Iterator[bytes]:
    with tqdm(desc=name, initial=done, total=total, unit="B", unit_scale=True) as bar:
        for chunk in chunks:
            yield chunk
            bar.update(len(chunk))


def _logged(chunks: Iterable[bytes], name: str, done: int, total: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        before, done = done, done + len(chunk)
        if done * 10 // total > before * 10 // total:
            log.info("%s: %d %% of %s", name, done * 100 // total, _size(total))


def _size(count: int) -> str:
    return str(tqdm.format_sizeof(count, "B"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
