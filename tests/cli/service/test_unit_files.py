"""The units, checked with systemd's own tools where they are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.service_programs import program
from wyoming_kokoro.cli.service.program import Program
from wyoming_kokoro.cli.service.unit_files import SERVICE, SOCKET, quote_argument, render_units
from wyoming_kokoro.config import Config, ServerConfig
from wyoming_kokoro.errors import StartupError

ROOT = Path(__file__).parents[3]
MAX_EXPOSURE = 2.0
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="needs systemd-analyze: install the package systemd"
)


def write_units(folder: Path, program: Program, is_user_service: bool = False) -> list[Path]:
    for name, text in render_units(program, is_user_service).items():
        (folder / name).write_text(text)
    return [folder / SERVICE, folder / SOCKET]


@pytest.mark.parametrize(("folder", "is_user_service"), [("systemd", False), ("systemd/user", True)])
def test_units_in_the_repository_are_up_to_date(folder: str, is_user_service: bool) -> None:
    """Write the result of `render_units` for /opt/wyoming-kokoro to the folder after a change of a template."""
    found = {file.name: file.read_text() for file in (ROOT / folder).iterdir() if file.is_file()}
    assert found == render_units(program(command="/opt/wyoming-kokoro/.venv/bin/wyoming-kokoro"), is_user_service)


@needs_systemd
@pytest.mark.parametrize("is_user_service", [False, True])
@pytest.mark.parametrize(
    "uri",
    [
        "tcp://:10200",
        "tcp://127.0.0.1:10200",
        "tcp://[::1]:10200",
        "tcp://[fe80::1%lo]:10200",
        "unix:///run/wyoming-kokoro.sock",
    ],
)
def test_systemd_accepts_every_line(tmp_path: Path, uri: str, is_user_service: bool) -> None:
    """Also with code in a home, and with special characters in the command."""
    spaced = tmp_path / "100 % $HOME"
    spaced.mkdir()
    (spaced / "true").symlink_to(shutil.which("true") or "/bin/true")
    command = (str(spaced / "true"), "serve", "--voice", "a \"b\" 'c' $d %e \\f\ng\rh\x1bi")
    special = Program(command, Config(server=ServerConfig(uri)), (Path("/home/a b/100%"), Path("/root/$x")))
    files = write_units(tmp_path, special, is_user_service)
    analyze = ["systemd-analyze", "--user" if is_user_service else "--system", "verify", *map(str, files)]
    # The user mode of systemd-analyze needs this variable.
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(analyze, capture_output=True, text=True, check=False, env=environment)
    messages = [line for line in done.stderr.splitlines() if "wyoming-kokoro" in line]
    assert (messages, done.returncode) == ([], 0), done.stderr


@pytest.mark.parametrize("is_user_service", [False, True])
def test_service_runs_only_programs_that_every_system_has(is_user_service: bool) -> None:
    """A minimal Debian has no /bin/kill."""
    service = render_units(program(), is_user_service)[SERVICE]
    commands = re.findall(r"^Exec(\w+)=(\S+)", service, re.MULTILINE)
    assert [name for name, _ in commands] == ["Start", "Reload"]
    assert commands[1][1] == "/bin/sh"


def test_path_with_unsupported_character_is_an_error() -> None:
    with pytest.raises(StartupError, match="contains a character that systemd units cannot express"):
        render_units(program(command="/opt/what's this/bin/wyoming-kokoro"), is_user_service=False)
    with pytest.raises(StartupError, match="contains a colon"):
        render_units(program("tcp://:1", Path("/home/me/a:b")), is_user_service=False)


@needs_systemd
@pytest.mark.parametrize("directories", [(), (Path("/home/me/kokoro"),)])
def test_system_service_has_low_exposure(tmp_path: Path, directories: tuple[Path, ...]) -> None:
    file, _ = write_units(tmp_path, program("tcp://:10200", *directories))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MAX_EXPOSURE


@pytest.mark.parametrize(
    ("uri", "lines"),
    [
        ("tcp://:10200", ["ListenStream=10200"]),
        ("tcp://192.168.1.2:10201", ["ListenStream=192.168.1.2:10201", "FreeBind=yes"]),
        ("tcp://[fd00::2]:10201", ["ListenStream=[fd00::2]:10201", "FreeBind=yes"]),
        ("tcp://[fe80::2%eth0]:10201", ["ListenStream=[fe80::2]:10201%%eth0", "FreeBind=yes"]),
        ("unix:///run/kokoro.sock", ["ListenStream=/run/kokoro.sock", "SocketMode=0660"]),
    ],
)
def test_socket_unit_listens_on_the_configured_uri(uri: str, lines: list[str]) -> None:
    unit = render_units(program(uri), is_user_service=False)[SOCKET]
    assert unit.split("[Socket]\n")[1].split("\n\n")[0].splitlines() == lines


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("tcp://:0", "fixed port; set one with --uri"),
        ("stdio://", "another endpoint with --uri"),
        ("tcp://localhost:1", "such as 127.0.0.1"),
    ],
)
def test_unsupported_uri_is_an_error(uri: str, message: str) -> None:
    with pytest.raises(StartupError, match=message):
        render_units(program(uri), is_user_service=False)


@pytest.mark.parametrize("is_user_service", [False, True])
def test_stop_timeout_is_longer_than_the_drain(is_user_service: bool) -> None:
    slow = Program(("/bin/true",), Config(server=ServerConfig(shutdown_grace_seconds=100.5)), ())
    assert "TimeoutStopSec=121\n" in render_units(slow, is_user_service)[SERVICE]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_quoted_argument_is_one_word(word: str) -> None:
    """Decoded by the rules of systemd.service(5) for quotes, backslashes, specifiers and variables."""
    text = quote_argument(word)
    if text.startswith('"'):
        assert "\n" not in text
        assert re.fullmatch(r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\]|\\x[0-7][0-9a-f])*"', text)
        text = re.sub(r"\\(?:x(..)|(.))", lambda found: chr(int(found[1], 16)) if found[1] else found[2], text[1:-1])
    assert text.replace("%%", "%").replace("$$", "$") == word


def test_only_directories_of_the_program_are_visible_in_homes() -> None:
    in_homes = program("tcp://:1", Path("/home/me/clone"), Path("/opt/python"), Path("/root/.pyenv/versions/3.11"))
    lines = render_units(in_homes, is_user_service=False)[SERVICE].splitlines()
    assert [line for line in lines if line.startswith(("ProtectHome", "Bind"))] == [
        "ProtectHome=tmpfs",
        "BindReadOnlyPaths=/home/me/clone",
        "BindReadOnlyPaths=/root/.pyenv/versions/3.11",
    ]
    assert "ProtectHome=yes" in render_units(program(), is_user_service=False)[SERVICE]
