"""The steps of the Dockerfile, in folders instead of chroots."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tools.platforms import image
from tools.platforms.environments import native

ROOT = Path(__file__).parents[3]
SERVER = """\
import pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit({code}))
pathlib.Path("healthy").touch()
signal.pause()
"""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return the commands that would run in a chroot, with their user before them."""
    found: list[tuple[str, ...]] = []

    class CommandRecorder:
        def __init__(self, root: Path, python: str, variables: dict[str, str], user: str) -> None:
            self.user = user
            self.variables = {"PATH": "/usr/bin"}

        def run(self, *words: str) -> int:
            found.append((self.user, *words))
            return 0

    def install(root: Path, suite: str) -> None:
        (root / "opt/wyoming-kokoro").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(image, "debian", CommandRecorder)
    monkeypatch.setattr(image, "install_debian", install)
    return found


def test_every_instruction_of_the_dockerfile_is_followed(commands: list[tuple[str, ...]], tmp_path: Path) -> None:
    stage = image.build(ROOT, tmp_path)
    assert len(commands) == 2
    assert stage.user == "10200:10200"
    assert stage.entrypoint == ("wyoming-kokoro",)
    assert stage.health_check == ("wyoming-kokoro", "ping")
    assert stage.volume == "/data"
    assert stage.variables["PATH"] == "/opt/wyoming-kokoro/bin:/usr/bin"
    assert (tmp_path / "trixie-build/source/pyproject.toml").is_file()
    assert (tmp_path / "trixie-build/source/wyoming_kokoro/__main__.py").is_file()
    assert not (tmp_path / "trixie-image/source").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="a process 1 needs root")
@pytest.mark.parametrize("code", [0, 3])
def test_program_of_the_image_must_end_with_code_0(code: int, tmp_path: Path) -> None:
    entrypoint = (sys.executable, "-c", SERVER.format(code=code))
    stage = image.BuildStage(tmp_path, entrypoint=entrypoint, health_check=("test", "-e", "healthy"))
    container = native(sys.executable, tmp_path)
    with (tmp_path / "log").open("wb") as log:
        if code:
            with pytest.raises(ValueError, match="code 3 after SIGTERM"), image.run_entrypoint(stage, container, log):
                pass
        else:
            with image.run_entrypoint(stage, container, log) as seconds:
                assert seconds < 60
