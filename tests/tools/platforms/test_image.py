"""The steps of the Dockerfile, in folders instead of chroots."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.platforms import image

ROOT = Path(__file__).parents[3]


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
    assert stage.variables["PATH"] == "/opt/wyoming-kokoro/bin:/usr/bin"
    assert (tmp_path / "trixie-build/source/pyproject.toml").is_file()
    assert (tmp_path / "trixie-build/source/wyoming_kokoro/__main__.py").is_file()
    assert not (tmp_path / "trixie-image/source").exists()
