"""The service's installation: its units with systemd's own tools, and the plan of what is done to the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.programs import program
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.cli.service import program as programs
from wyoming_kokoro.cli.service.plan import Command, Plan, write
from wyoming_kokoro.cli.service.program import (
    Program,
    outermost,
    refuse_what_a_system_service_cannot_see,
    this_program,
)
from wyoming_kokoro.cli.service.systemd import Systemd
from wyoming_kokoro.cli.service.units import SERVICE, SOCKET, argument, units
from wyoming_kokoro.config import Config, Directories, ServerConfig
from wyoming_kokoro.errors import StartupError

ROOT = Path(__file__).parents[1]
MOST_EXPOSURE = 2.0
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="needs systemd-analyze: install the package systemd"
)


def shipped_program() -> Program:
    """The example that lies in `systemd/`."""
    return program(command="/opt/wyoming-kokoro/.venv/bin/wyoming-kokoro")


def write_units(folder: Path, program: Program, of_user: bool = False) -> list[Path]:
    for name, text in units(program, of_user).items():
        (folder / name).write_text(text)
    return [folder / SERVICE, folder / SOCKET]


# The units


@pytest.mark.parametrize(("folder", "of_user"), [("systemd", False), ("systemd/user", True)])
def test_the_units_in_the_repository_are_those_that_are_installed(folder: str, of_user: bool) -> None:
    """Whoever copies them by hand gets the same. Made by `Systemd(...).install(...)` for /opt/wyoming-kokoro."""
    found = {file.name: file.read_text() for file in (ROOT / folder).iterdir() if file.is_file()}
    assert found == units(shipped_program(), of_user)


@needs_systemd
@pytest.mark.parametrize("of_user", [False, True])
@pytest.mark.parametrize(
    "uri", ["tcp://:10200", "tcp://127.0.0.1:10200", "tcp://[::1]:10200", "unix:///run/wyoming-kokoro.sock"]
)
def test_systemd_understands_every_line(tmp_path: Path, uri: str, of_user: bool) -> None:
    """Also where the code is in a home, and the command has signs that mean something in a unit."""
    spaced = tmp_path / "100 % $HOME"
    spaced.mkdir()
    (spaced / "true").symlink_to(shutil.which("true") or "/bin/true")
    command = (str(spaced / "true"), "serve", "--voice", "a \"b\" 'c' $d %e \\f\ng")
    within = Program(command, Config(server=ServerConfig(uri)), (Path("/home/a b/100%"), Path("/root/$x")))
    files = write_units(tmp_path, within, of_user)
    analyze = ["systemd-analyze", "--user" if of_user else "--system", "verify", *map(str, files)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}  # a user's manager asks for it
    done = subprocess.run(analyze, capture_output=True, text=True, check=False, env=environment)
    complaints = [line for line in done.stderr.splitlines() if "wyoming-kokoro" in line]
    assert (complaints, done.returncode) == ([], 0), done.stderr


def test_a_program_that_no_unit_can_name() -> None:
    with pytest.raises(StartupError, match="a sign in its name"):
        units(program(command="/opt/what's this/bin/wyoming-kokoro"), of_user=False)
    with pytest.raises(StartupError, match="a colon in its name"):
        units(program("tcp://:1", Path("/home/me/a:b")), of_user=False)


@needs_systemd
@pytest.mark.parametrize("folders", [(), (Path("/home/me/kokoro"),)])
def test_the_service_can_do_little_beside_its_work(tmp_path: Path, folders: tuple[Path, ...]) -> None:
    file, _ = write_units(tmp_path, program("tcp://:10200", *folders))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSURE


@pytest.mark.parametrize(
    ("uri", "lines"),
    [
        ("tcp://:10200", ["ListenStream=10200"]),
        ("tcp://192.168.1.2:10201", ["ListenStream=192.168.1.2:10201", "FreeBind=yes"]),
        ("tcp://[fd00::2]:10201", ["ListenStream=[fd00::2]:10201", "FreeBind=yes"]),
        ("unix:///run/kokoro.sock", ["ListenStream=/run/kokoro.sock", "SocketMode=0660"]),
    ],
)
def test_the_socket_is_where_the_server_would_listen(uri: str, lines: list[str]) -> None:
    socket = units(program(uri), of_user=False)[SOCKET]
    assert socket.split("[Socket]\n")[1].split("\n\n")[0].splitlines() == lines


@pytest.mark.parametrize(
    ("uri", "what_to_do"),
    [("tcp://:0", "choose one with --uri"), ("stdio://", "another --uri"), ("tcp://localhost:1", "such as 127.0.0.1")],
)
def test_what_no_socket_unit_can_stand_for(uri: str, what_to_do: str) -> None:
    with pytest.raises(StartupError, match=what_to_do):
        units(program(uri), of_user=False)


def test_stopping_may_take_longer_than_the_drain() -> None:
    """Whoever sets a longer drain gets it."""
    slow = Program(("/bin/true",), Config(server=ServerConfig(shutdown_grace_seconds=100.5)), ())
    for of_user in (False, True):
        assert "TimeoutStopSec=121\n" in units(slow, of_user)[SERVICE]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_a_word_of_a_command_line_stays_one_word(word: str) -> None:
    """Read back by the rules of systemd.service(5): quotes, backslashes, specifiers and variables."""
    text = argument(word)
    if text.startswith('"'):
        assert "\n" not in text
        assert re.fullmatch(r'"(?:[^"\\]|\\["\\n])*"', text)
        text = re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text[1:-1])
    assert text.replace("%%", "%").replace("$$", "$") == word


# What a service of the system can see


def test_code_in_a_home_is_shown_to_the_service_and_nothing_else_of_it() -> None:
    inside = program("tcp://:1", Path("/home/me/clone"), Path("/opt/python"), Path("/root/.pyenv/versions/3.11"))
    lines = units(inside, of_user=False)[SERVICE].splitlines()
    assert [line for line in lines if line.startswith(("ProtectHome", "Bind"))] == [
        "ProtectHome=tmpfs",
        "BindReadOnlyPaths=/home/me/clone",
        "BindReadOnlyPaths=/root/.pyenv/versions/3.11",
    ]
    assert "ProtectHome=yes" in units(program(), of_user=False)[SERVICE]


def test_folders_inside_others_are_not_named() -> None:
    folders = [Path("/a/b"), Path("/a"), Path("/ab"), Path("/a/b/c"), Path("/ab")]
    assert outermost(folders) == (Path("/a"), Path("/ab"))


def test_the_program_that_runs_now_is_the_service() -> None:
    """With Python itself, an editable installation's sources, and the options that were given."""
    found = this_program(Config(), ["--voice", "bf_emma"], {})
    assert found.command[-3:] == ("serve", "--voice", "bf_emma")
    assert Path(found.command[0]).is_file()
    for place in (Path(sys.prefix), Path(sys.base_prefix), ROOT / "wyoming_kokoro"):
        assert any(place.is_relative_to(folder) for folder in found.folders)


@pytest.mark.parametrize(
    ("config", "what_to_do"),
    [
        (Config(where="/home/me/.config/wyoming-kokoro/config.toml"), "move .* to /etc/wyoming-kokoro/config.toml"),
        (Config(directories=Directories(cache="/mnt/cache")), "leave the directories out"),
    ],
)
def test_what_a_service_of_the_system_cannot_have(config: Config, what_to_do: str) -> None:
    with pytest.raises(StartupError, match=what_to_do):
        refuse_what_a_system_service_cannot_see(Program(("/bin/true",), config, ()))


def test_code_that_others_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that is closed is named, unless it is a home, whose way in is made by systemd."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    closed = tmp_path / "closed"
    code = closed / "code"
    code.mkdir(parents=True)
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp") and folder.is_relative_to("/tmp"):
            folder.chmod(0o755)
    closed.chmod(0o700)
    with pytest.raises(StartupError, match=f"chmod o\\+rx {closed}`"):
        refuse_what_a_system_service_cannot_see(Program(("/bin/true",), Config(), (code,)))
    monkeypatch.setattr(programs, "HOMES", (closed,))
    refuse_what_a_system_service_cannot_see(Program(("/bin/true",), Config(), (code,)))


def test_settings_of_the_environment_are_not_the_services() -> None:
    with pytest.raises(StartupError, match="WYOMING_KOKORO_URI"):
        this_program(Config(), [], {"WYOMING_KOKORO_URI": "tcp://:1"})


# The plan


def test_a_plan_is_carried_out_in_its_order(tmp_path: Path) -> None:
    """And may be carried out again."""
    log, file, old = tmp_path / "log", tmp_path / "new" / "a.service", tmp_path / "old"
    old.touch()
    note = "import sys, pathlib; open(sys.argv[1], 'a').write(str(pathlib.Path(sys.argv[2]).exists()))"
    command = Command((sys.executable, "-c", note, str(log), str(file)))
    plan = Plan(before=(command,), write={file: "text"}, remove=(old,), after=(command,))
    for _ in range(2):
        plan.carry_out()
    assert log.read_text() == "FalseTrueTrueTrue"
    assert (file.read_text(), file.stat().st_mode & 0o777, old.exists()) == ("text", 0o644, False)
    assert list(file.parent.iterdir()) == [file]
    assert str(file) in plan.page


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "folder").touch()
    with pytest.raises(StartupError, match="cannot be written"):
        write(tmp_path / "folder" / "file", "text")
    (tmp_path / "taken").mkdir()
    with pytest.raises(StartupError, match="cannot be written"):
        write(tmp_path / "taken", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "taken"]


def test_a_command_that_fails_is_told_with_what_it_said() -> None:
    failing = (sys.executable, "-c", "import sys; sys.exit('no bus')")
    with pytest.raises(StartupError, match="failed: no bus; see the journal"):
        Command(failing, advice="see the journal").run()
    Command(failing, may_fail=True).run()
    with pytest.raises(StartupError, match="cannot be run"):
        Command(("no-such-program-here",)).run()


def test_installing_and_removing_name_the_same_files() -> None:
    for of_user in (False, True):
        there = Systemd(of_user)
        install, uninstall = there.install(program()), there.uninstall()
        assert set(install.write) == set(uninstall.remove)
        for command in (*install.after, *uninstall.before, *uninstall.after):
            assert ("--user" in command.words) == of_user


# The command


@pytest.mark.skipif(Path("/run/systemd/system").is_dir(), reason="this machine has a systemd that would be changed")
@pytest.mark.skipif(sys.platform != "linux", reason="asks for systemd")
def test_without_systemd_it_is_told_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for action in ("install", "uninstall"):
        assert main(["service", action, "--user"]) == 1
        assert "systemd does not run here; --dry-run" in capsys.readouterr().err
    assert main(["service", "status", "--user"]) == 3
    assert "service install" in capsys.readouterr().out
    assert list(tmp_path.rglob("*.service")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks for systemd")
def test_a_dry_run_shows_everything_and_does_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["service", "install", "--user", "--dry-run", "--voice", "bf_emma", "--uri", "tcp://:10201"]) == 0
    page = capsys.readouterr().out
    assert f"write  {tmp_path}/systemd/user/{SERVICE}" in page
    assert re.search(r"^ExecStart=.* serve --uri tcp://:10201 --voice bf_emma$", page, re.MULTILINE)
    assert "ListenStream=10201" in page
    assert "run    systemctl --user daemon-reload" in page
    assert list(tmp_path.iterdir()) == []


# launchd, of which only the decisions can be tried here
