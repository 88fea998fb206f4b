"""The files that `wyoming-kokoro say` writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wyoming_kokoro.cli.say import open_output
from wyoming_kokoro.errors import ConfigError


def test_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    """With sudo, `--output /dev/null` replaced the device of the system by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with open_output("--output", pipe) as stream:
            stream.write(b"speech")
        assert os.read(reader, 100) == b"speech"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.wav", tmp_path / "link.wav"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with open_output("--output", link) as stream:
        stream.write(b"speech")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"speech")


def test_directory_is_an_error_that_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written: Is a directory"), open_output("--output", tmp_path):
        pass
