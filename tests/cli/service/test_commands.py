"""`wyoming-kokoro service` on systemd."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.service_programs import program
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.cli.service.systemd import systemd
from wyoming_kokoro.cli.service.unit_files import SERVICE

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs the service manager of Linux")


@pytest.mark.parametrize("is_user_service", [False, True])
def test_uninstall_removes_the_files_of_install(is_user_service: bool) -> None:
    manager = systemd(is_user_service)
    install, uninstall = manager.install(program()), manager.uninstall
    assert set(install.files) == set(uninstall.files)
    assert set(uninstall.files.values()) == {None}
    named = set(map(str, systemd(is_user_service=False).data_directories))
    assert named >= {f"/{folder}/wyoming-kokoro" for folder in ("etc", "var/cache", "var/lib", "var/cache/private")}
    assert any(path.name == f"{SERVICE}.d" for path in manager.data_directories)
    for command in (*install.after, *uninstall.before, *uninstall.after):
        assert ("--user" in command.words) == is_user_service


def test_uninstall_names_what_is_left(tmp_path: Path) -> None:
    """A link to a deleted directory, too, as DynamicUser= makes them."""
    kept, link, missing = tmp_path / "kept", tmp_path / "link", tmp_path / "missing"
    kept.mkdir()
    link.symlink_to(missing)
    manager = replace(systemd(is_user_service=False), data_directories=(kept, link, missing))
    assert manager.remaining_directories() == [kept, link]


@pytest.mark.skipif(Path("/run/systemd/system").is_dir(), reason="would change the systemd of this machine")
@linux_only
def test_missing_systemd_is_an_error_with_advice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for action in ("install", "uninstall"):
        assert main(["service", action, "--user"]) == 1
        assert "systemd is not running; use --dry-run" in capsys.readouterr().err
    assert main(["service", "status", "--user"]) == 3
    assert "service install" in capsys.readouterr().out
    assert list(tmp_path.rglob("*.service")) == []


@linux_only
def test_dry_run_shows_the_plan_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["service", "install", "--user", "--dry-run", "--voice", "bf_emma", "--uri", "tcp://:10201"]) == 0
    output = capsys.readouterr().out
    assert f"write  {tmp_path}/systemd/user/{SERVICE}" in output
    assert re.search(r"^ExecStart=.* serve --uri tcp://:10201 --voice bf_emma$", output, re.MULTILINE)
    assert "ListenStream=10201" in output
    assert "run    systemctl --user daemon-reload" in output
    assert list(tmp_path.iterdir()) == []
