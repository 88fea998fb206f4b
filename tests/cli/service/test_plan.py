"""Execution of a plan."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wyoming_kokoro.cli.service.plan import Command, Plan
from wyoming_kokoro.errors import StartupError


def test_plan_is_executed_in_order_and_can_be_repeated(tmp_path: Path) -> None:
    log, file, old = tmp_path / "log", tmp_path / "new" / "a.service", tmp_path / "old"
    old.touch()
    log_existence = "import sys, pathlib; open(sys.argv[1], 'a').write(str(pathlib.Path(sys.argv[2]).exists()))"
    command = Command((sys.executable, "-c", log_existence, str(log), str(file)))
    plan = Plan((command,), {file: "text", old: None}, (command,))
    for _ in range(2):
        plan.execute()
    assert log.read_text() == "FalseTrueTrueTrue"
    assert (file.read_text(), file.stat().st_mode & 0o777, old.exists()) == ("text", 0o644, False)
    assert list(file.parent.iterdir()) == [file]
    assert str(file) in plan.describe()


def test_failed_write_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder").touch()
    with pytest.raises(StartupError, match="cannot write"):
        Plan((), {tmp_path / "folder" / "file": "text"}).execute()
    (tmp_path / "taken").mkdir()
    with pytest.raises(StartupError, match="cannot write"):
        Plan((), {tmp_path / "taken": "text"}).execute()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "taken"]


def test_failed_command_is_an_error_with_its_output_and_advice() -> None:
    failing = (sys.executable, "-c", "import sys; sys.exit('no bus')")
    with pytest.raises(StartupError, match="failed: no bus; see the journal"):
        Command(failing, advice="see the journal").run()
    Command(failing, may_fail=True).run()
    with pytest.raises(StartupError, match="cannot run"):
        Command(("no-such-program-here",)).run()
