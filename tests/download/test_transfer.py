from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from tests.helpers.release_server import (
    CONTENT,
    CUT,
    FILE,
    OTHER,
    QUICK,
    Fault,
    Mirror,
    failure,
    leave_part,
    names,
    put_record,
)
from wyoming_kokoro.config import Config
from wyoming_kokoro.download import run_download
from wyoming_kokoro.transfer import Effort


def test_a_dropped_connection_goes_on_with_the_rest_only(mirror: Mirror, config: Config, folder: Path) -> None:
    mirror.faults = [Fault(cut=CUT), Fault(cut=7)]
    run_download(config, "fp32", QUICK)
    assert mirror.asked == [
        (None, None),
        (f"bytes={CUT}-", '"one"'),
        (f"bytes={CUT + 7}-", '"one"'),
    ]
    assert mirror.sent == len(CONTENT)
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_later_run_goes_on_where_the_tries_ended(mirror: Mirror, config: Config, folder: Path) -> None:
    mirror.faults = [Fault(cut=10)] * 4
    said = failure(config)
    assert "run the command again, which goes on where it stopped" in said
    assert f"copy the file to {folder / FILE} by hand" in said
    assert names(folder) == {f"{FILE}.part", f"{FILE}.part.etag"}
    run_download(config, "fp32", QUICK)
    assert mirror.asked[4:] == [("bytes=40-", '"one"')]
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_silent_server_is_left_and_asked_again(mirror: Mirror, config: Config, folder: Path) -> None:
    mirror.faults = [Fault(cut=CUT, stall=True), *[Fault(cut=1, stall=True)] * 2]
    begun = time.monotonic()
    run_download(config, "fp32", Effort(timeout=0.5, pauses=(0.0, 0.0, 0.0)))
    assert time.monotonic() - begun < 10.0  # httpx's own limit would make it 15
    assert mirror.asked[1] == (f"bytes={CUT}-", '"one"')
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_starts_over(
    mirror: Mirror, config: Config, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    leave_part(folder, b"x" * CUT)
    mirror.ranges = False
    run_download(config, "fp32", QUICK)
    assert mirror.asked == [(f"bytes={CUT}-", '"one"')]
    assert (folder / FILE).read_bytes() == CONTENT
    assert caplog.messages[0].startswith("Downloading")


@pytest.mark.parametrize("if_range", [True, False])
def test_a_file_that_changed_on_the_server_starts_over(
    mirror: Mirror, config: Config, folder: Path, if_range: bool
) -> None:
    leave_part(folder, CONTENT[:CUT])
    mirror.content, mirror.headers, mirror.if_range = OTHER, {"ETag": '"two"'}, if_range
    run_download(config, "fp32", QUICK)
    assert mirror.asked[0] == (f"bytes={CUT}-", '"one"')
    assert mirror.asked[1:] == ([] if if_range else [(None, None)])
    assert (folder / FILE).read_bytes() == OTHER


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"one"'}])
def test_without_a_strong_etag_nothing_is_resumed(
    mirror: Mirror, config: Config, folder: Path, headers: dict[str, str]
) -> None:
    mirror.headers, mirror.faults = headers, [Fault(cut=CUT)]
    run_download(config, "fp32", QUICK)
    assert mirror.asked == [(None, None), (None, None)]
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_damaged_etag_is_no_etag(mirror: Mirror, config: Config, folder: Path) -> None:
    leave_part(folder, CONTENT[:CUT], "\0\0\n\0")
    run_download(config, "fp32", QUICK)
    assert mirror.asked == [(None, None)]
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_part_that_is_complete_is_only_verified(mirror: Mirror, config: Config, folder: Path) -> None:
    leave_part(folder, CONTENT)
    put_record(folder, CONTENT)
    run_download(config, "fp32", QUICK)
    assert mirror.sent == 0
    assert (folder / FILE).read_bytes() == CONTENT


def test_a_part_that_is_too_long_starts_over(mirror: Mirror, config: Config, folder: Path) -> None:
    leave_part(folder, CONTENT + b"more")
    run_download(config, "fp32", QUICK)
    assert mirror.asked == [(f"bytes={len(CONTENT) + 4}-", '"one"'), (None, None)]
    assert (folder / FILE).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(mirror: Mirror, config: Config, folder: Path, status: int) -> None:
    mirror.faults = [Fault(status=status)]
    run_download(config, "fp32", QUICK)
    assert (folder / FILE).read_bytes() == CONTENT
