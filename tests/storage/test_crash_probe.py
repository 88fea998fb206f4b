"""Native code runs in a child process first, once for each state of its files."""

from __future__ import annotations

import hashlib
import os
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from wyoming_kokoro.storage import crash_probe, find_crash, find_damage

# Each run adds a line to the file that its argument names, then ends as its data says.
MODULE = """
import os, sys
from pathlib import Path
with open(sys.argv[2], "a") as runs: runs.write("run\\n")
exec(Path(sys.argv[1]).read_text())
"""


class Probe:
    def __init__(self, folder: Path) -> None:
        (folder / "native.py").write_text(MODULE)
        self.data, self.cache, self._runs = folder / "data", folder / "cache", folder / "runs"
        self.data.mkdir()
        self.set_data("pass")

    def set_data(self, code: str) -> None:
        (self.data / "code").write_text(code)

    def find_crash(self) -> str:
        arguments = (str(self.data / "code"), str(self._runs))
        return find_crash("native", *arguments, files=[self.data], cache_dir=self.cache)

    @property
    def runs(self) -> int:
        return self._runs.read_text().count("run")


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Probe:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Probe(tmp_path)


def test_good_end_is_remembered_until_a_file_changes(probe: Probe) -> None:
    assert [probe.find_crash() for _ in range(3)] == [""] * 3
    assert probe.runs == 1
    (probe.data / "more").touch()
    assert [probe.find_crash() for _ in range(2)] == [""] * 2
    assert probe.runs == 2


@pytest.mark.parametrize(
    ("code", "crash"),
    [
        ("os.kill(os.getpid(), 11)", "it ends with SIGSEGV"),
        ("sys.exit('Error processing file phontab')", "Error processing file phontab"),
    ],
)
def test_crash_is_found_each_time_until_the_repair(probe: Probe, code: str, crash: str) -> None:
    probe.set_data(code)
    assert [probe.find_crash() for _ in range(2)] == [crash] * 2
    probe.set_data("pass")
    assert probe.find_crash() == ""
    assert probe.runs == 3


def test_probe_that_does_not_end_is_not_called_damage(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crash_probe, "TIMEOUT_SECONDS", 0.2)
    probe.set_data("import time; time.sleep(60)")
    assert probe.find_crash() == "it does not end within 0.2 s, because the machine is busy or a file is damaged"


def remove_data(probe: Probe) -> None:
    probe.data = probe.data / "missing"


def block_cache(probe: Probe) -> None:
    probe.cache.write_bytes(b"a file, not a directory")


def damage_cache(probe: Probe) -> None:
    probe.cache.mkdir()
    (probe.cache / "probes.json").write_bytes(b"\xff{")
    (probe.cache / "probes.json").chmod(0o400)


@pytest.mark.parametrize(("change", "runs"), [(remove_data, 2), (block_cache, 2), (damage_cache, 1)])
def test_unknown_state_runs_the_module(probe: Probe, change: Callable[[Probe], None], runs: int) -> None:
    change(probe)
    found = [probe.find_crash() for _ in range(2)]
    assert probe.runs == runs
    assert found == [""] * 2 or change is remove_data


def test_process_that_cannot_start_finds_no_crash(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert probe.find_crash() == ""
    assert not os.path.lexists(probe.cache)


def test_file_that_differs_from_its_installation_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, information = tmp_path / "native", tmp_path / "native-1.0.dist-info"
    package.mkdir()
    information.mkdir()
    (package / "words.dic").write_bytes(b"words")
    digest = urlsafe_b64encode(hashlib.sha256(b"words").digest()).rstrip(b"=").decode()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: native\nVersion: 1.0\n")
    (information / "RECORD").write_text(f"native/words.dic,sha256={digest},5\nnative/other,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_damage("native", package) == ""
    (package / "words.dic").write_bytes(b"wards")
    assert find_damage("native", package) == f"{package}/words.dic is not as it was installed"
    assert find_damage("native", tmp_path / "elsewhere") == ""
    (package / "words.dic").unlink()
    assert find_damage("native", package) == f"{package}/words.dic: No such file or directory"
    assert find_damage("not-installed", package) == ""
