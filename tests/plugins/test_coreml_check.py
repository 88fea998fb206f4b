"""`check --coreml`: the proof on any machine that Core ML would take the vocoder whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.plugins.small_mac import small
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.coreml_check import Findings, told
from wyoming_kokoro.eligibility import Verdict

WHOLE = Verdict(nodes=626, taken=626, partitions=1, dynamic=0, largest=9216, refused=(), missing=())
STOCK = Verdict(
    nodes=3396, taken=1923, partitions=148, dynamic=1150, largest=2180, refused=(), missing=("ai.onnx:STFT",)
)
READER = Verdict(nodes=382, taken=382, partitions=1, dynamic=0, largest=2048, refused=(), missing=())
WORK = {"albert": 0.04, "predictor": 0.03, "decoder": 0.05, "vocoder": 0.88}
GOOD = Findings({"16": WHOLE}, {"64": READER}, STOCK, WORK)


@pytest.fixture
def arguments(model_cache: Path, tmp_path: Path) -> list[str]:
    return ["check", "--coreml", "--cache", str(model_cache), "--state", str(tmp_path / "state")]


@pytest.mark.model
def test_every_window_is_one_program(
    arguments: list[str], stages_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["coreml"]
    assert set(found["vocoder"]) == {"16 first", "16", "8", "12", "32", "16 first float", "16 float"}
    assert set(found["albert"]) == {"32", "64", "128", "32 float", "64 float", "128 float"}
    for figures in (*found["vocoder"].values(), *found["albert"].values()):
        assert figures["nodes"] == figures["supported"] > 350
        assert figures["partitions"] == 1
        assert 0 < figures["largest_dim"] <= 16_384
    assert found["stock"]["supported"] < 0.7 * found["stock"]["nodes"]
    assert found["stock"]["partitions"] > 50
    assert found["work"]["vocoder"] >= 0.85
    assert found["work"]["albert"] > 0.03
    assert found["eligible"] == pytest.approx(found["work"]["vocoder"] + found["work"]["albert"], abs=0.001)
    assert sum(found["work"].values()) == pytest.approx(1, abs=0.001)
    assert found["problem"] == ""


def test_a_model_that_cannot_be_cut_is_told_in_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = small(tmp_path / "other.onnx")
    assert onnx.load(model).graph.name == "small"
    assert main([*arguments, "--model", str(model)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "other.onnx cannot be cut" in shown.err.splitlines()[-1]
    assert "use the installed model" in shown.err.splitlines()[-1]


def test_all_is_well() -> None:
    assert GOOD.problem == ""
    rows = told(GOOD).splitlines()
    assert rows[1].split() == ["vocoder", "16", "626", "626", "1", "9216", "0", "0"]
    assert rows[2].split() == ["albert", "64", "382", "382", "1", "2048", "0", "0"]
    assert rows[3].split() == ["stock", "model", "3396", "1923", "148", "2180", "1150", "1"]
    assert "vocoder 88.0%" in rows[-2]
    assert "Core ML would do 92.0%" in rows[-2]
    assert "shows on a Mac only" in rows[-1]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (replace(WHOLE, taken=578, missing=("ai.onnx:Sin",)), "does not have ai.onnx:Sin; install onnxruntime 1.27"),
        (replace(WHOLE, partitions=2), "626 of 626 nodes in 2 parts"),
        (replace(WHOLE, taken=0, partitions=0, dynamic=626), "0 of 626 nodes in 0 parts"),
        (replace(WHOLE, refused=("y has a dimension of [0]",)), "y has a dimension"),
        (replace(WHOLE, largest=114_000), "use the model that is installed with us"),
    ],
)
def test_a_window_that_is_not_whole_is_a_problem(broken: Verdict, reason: str) -> None:
    for found, name in (
        (replace(GOOD, vocoder={"16": WHOLE, "32": broken}), "vocoder 32"),
        (replace(GOOD, albert={"64": broken}), "albert 64"),
    ):
        assert f"the graph {name!r} whole" in found.problem
        assert reason in found.problem
        assert told(found).splitlines()[-1] == f"PROBLEM: {found.problem}"


def test_too_small_a_share_is_a_problem() -> None:
    found = replace(GOOD, work={"albert": 0.1, "predictor": 0.2, "decoder": 0.0, "vocoder": 0.7})
    assert "only 80% of the work, 85% at least are wanted" in found.problem
