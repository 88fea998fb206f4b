"""The program of a service, and what a system service can read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from wyoming_kokoro.cli.service import program as program_module
from wyoming_kokoro.cli.service.program import Program, check_system_access, current_program, find_changeable, outermost
from wyoming_kokoro.config import Config, Directories, load_config
from wyoming_kokoro.errors import StartupError

ROOT = Path(__file__).parents[3]


def test_nested_directories_are_left_out() -> None:
    directories = [Path("/a/b"), Path("/a"), Path("/ab"), Path("/a/b/c"), Path("/ab")]
    assert outermost(directories) == (Path("/a"), Path("/ab"))


def test_current_program_has_its_options_and_all_code_directories() -> None:
    found = current_program(Config(), ["--voice", "bf_emma"], {})
    assert found.command[-3:] == ("serve", "--voice", "bf_emma")
    assert Path(found.command[0]).is_file()
    for path in (Path(sys.prefix), Path(sys.base_prefix), ROOT / "wyoming_kokoro"):
        assert any(path.is_relative_to(directory) for directory in found.directories)


def test_setting_in_the_environment_is_an_error() -> None:
    with pytest.raises(StartupError, match="WYOMING_KOKORO_URI"):
        current_program(Config(), [], {"WYOMING_KOKORO_URI": "tcp://:1"})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (Config(source="/home/me/.config/wyoming-kokoro/config.toml"), "move it to /etc/wyoming-kokoro/config.toml"),
        (Config(directories=Directories(cache="/mnt/cache")), r"remove the settings in \[directories\]"),
    ],
)
def test_config_that_a_system_service_cannot_use_is_an_error(config: Config, message: str) -> None:
    with pytest.raises(StartupError, match=message):
        check_system_access(Program(("/bin/true",), config, ()))


@pytest.mark.parametrize("is_link", [False, True])
def test_config_in_a_temporary_directory_is_an_error_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_link: bool
) -> None:
    private, elsewhere = tmp_path / "private", tmp_path / "elsewhere"
    for folder in (private, elsewhere):
        folder.mkdir()
    (private / "config.toml").touch()
    (elsewhere / "config.toml").symlink_to(private / "config.toml")
    monkeypatch.setattr(program_module, "PRIVATE_DIRECTORIES", (private,))
    with monkeypatch.context() as change:
        change.chdir(elsewhere if is_link else private)
        config = load_config(Path("config.toml"), {}, {})
    with pytest.raises(StartupError, match="cannot see"):
        check_system_access(Program(("/bin/true",), config, ()))


def test_unreadable_parent_directory_is_an_error_except_for_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd binds directories of a home into the service, so the home itself may be unreadable."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(program_module, "PRIVATE_DIRECTORIES", ())
    unreadable = tmp_path / "unreadable"
    code = unreadable / "code"
    code.mkdir(parents=True)
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp") and folder.is_relative_to("/tmp"):
            folder.chmod(0o755)
    unreadable.chmod(0o700)
    with pytest.raises(StartupError, match=f"chmod o\\+rx {unreadable}`"):
        check_system_access(Program(("/bin/true",), Config(), (code,)))
    monkeypatch.setattr(program_module, "PROTECTED_HOMES", (unreadable,))
    check_system_access(Program(("/bin/true",), Config(), (code,)))


@pytest.mark.parametrize("path", ["/tmp/clone", "/var/tmp/kokoro/.venv"])
def test_directory_that_a_system_service_cannot_see_is_an_error(path: str) -> None:
    """`PrivateTmp=` gives it a temporary directory of its own."""
    with pytest.raises(StartupError, match=f"a system service cannot see {path}; move it out of /tmp"):
        check_system_access(Program(("/bin/true",), Config(), (Path(path),)))
    with pytest.raises(StartupError, match="a system service cannot see"):
        check_system_access(Program(("/bin/true",), Config(source=path), ()))


def test_program_that_others_can_change_is_found(tmp_path: Path) -> None:
    """A directory that users share, such as /tmp, protects what is inside by its sticky bit."""

    def find(path: Path) -> Path | None:
        return find_changeable(Program(("/bin/true",), Config(), (path,)))

    assert find(Path("/usr")) is None
    folder = tmp_path / "code"
    folder.mkdir(mode=0o755)
    owned = os.geteuid() == 0
    assert (find(folder) is None) is owned
    tmp_path.chmod(0o777)
    assert find(folder) == (tmp_path if owned else folder)
    tmp_path.chmod(0o1777)
    assert (find(folder) is None) is owned


def test_directory_behind_a_link_belongs_to_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    link.symlink_to(target)
    monkeypatch.setattr(sys, "path", [str(link)])
    assert {link, target} <= set(current_program(Config(), [], {}).directories)
