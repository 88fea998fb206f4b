from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.api.speech_models import Quality
from wyoming_kokoro.scheduling import capacity_file
from wyoming_kokoro.scheduling.capacity_file import FILE_NAME, CapacityFile
from wyoming_kokoro.scheduling.costs import UnitCosts

NESTED = b'{"key": "", "costs": {}, "other": ' + b"[" * 100_000
"""A file that exceeds the depth of any parser."""


def unmeasured() -> dict[Quality, UnitCosts]:
    return {"full": UnitCosts(), "distilled": UnitCosts()}


def measured() -> dict[Quality, UnitCosts]:
    costs = unmeasured()
    for _ in range(40):
        costs["full"].record_window(0.08, 0.2)
    for number in range(4):
        costs["full"].record_unit(number, 20, 0.1)
        costs["distilled"].record_unit(number, 20, 0.01)
    return costs


def store(folder: Path, fingerprint: str = "model", settings: str = "2 cpu") -> None:
    file = CapacityFile(folder, measured(), settings)
    file.load(fingerprint)
    file.save()


def test_next_start_knows_the_costs(tmp_path: Path) -> None:
    store(tmp_path)
    costs, expected = unmeasured(), measured()
    CapacityFile(tmp_path, costs, "2 cpu").load("model")
    assert costs["full"].rtf == pytest.approx(0.4)
    assert costs["full"].measured.units == expected["full"].measured.units
    assert costs["distilled"].unit_seconds(0, 20) == pytest.approx(0.01)


@pytest.mark.parametrize("change", ["model", "settings", "cpu", "threads"])
def test_costs_of_another_machine_or_model_are_not_used(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path)
    monkeypatch.setattr(capacity_file, "cpu_identity", lambda: "another" if change == "cpu" else "")
    if change == "threads":
        monkeypatch.undo()
        monkeypatch.setattr(capacity_file, "default_threads", lambda: 64)
    costs = unmeasured()
    file = CapacityFile(tmp_path, costs, "4 cpu" if change == "settings" else "2 cpu")
    file.load("another" if change == "model" else "model")
    assert costs["full"].rtf == 0


@given(content=st.binary() | st.sampled_from([b'{"key": "", "costs": {"full": {"rtf": -1}}}', b'{"key": 1}', NESTED]))
def test_damaged_file_is_ignored_and_replaced(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("state")
    (folder / FILE_NAME).write_bytes(content)
    costs = measured()
    file = CapacityFile(folder, costs, "")
    file.load("model")
    assert costs["full"].rtf == pytest.approx(0.4)
    file.save()
    again = unmeasured()
    CapacityFile(folder, again, "").load("model")
    assert again["full"].rtf == pytest.approx(0.4)


def test_costs_measured_since_the_start_are_kept(tmp_path: Path) -> None:
    store(tmp_path)
    costs = unmeasured()
    for _ in range(40):
        costs["full"].record_window(0.2, 0.2)
    CapacityFile(tmp_path, costs, "2 cpu").load("model")
    assert costs["full"].rtf == pytest.approx(1.0)


def test_file_of_a_server_that_never_opened_the_model_stays(tmp_path: Path) -> None:
    store(tmp_path)
    before = (tmp_path / FILE_NAME).read_bytes()
    CapacityFile(tmp_path, unmeasured(), "2 cpu").save()
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_folder_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store(tmp_path / "file" / "folder")
