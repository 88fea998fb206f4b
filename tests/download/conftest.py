"""A mirror to download from, and where the files go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.release_server import Mirror, mirroring
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.releases import downloads


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with mirroring() as served:
        yield served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = downloads(tmp_path)
    path.mkdir()
    return path


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(directories=Directories(cache=str(tmp_path)))
