"""The proof, on any machine, that Core ML would run the vocoder and ALBERT whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.synthesis.fake_mac import write_small_graph
from tools.coreml.__main__ import main
from tools.coreml.eligibility import Eligibility
from tools.coreml.report import CoreMlReport

WHOLE = Eligibility(
    nodes=626, supported=626, partitions=1, dynamic=0, largest_dimension=9216, rejections=(), missing_operators=()
)
WORK = {"albert": 0.04, "predictor": 0.03, "decoder": 0.05, "vocoder": 0.88}
GOOD = CoreMlReport({"16": WHOLE}, {"64": WHOLE}, WHOLE, WORK)


@pytest.mark.slow
@pytest.mark.model
def test_core_ml_runs_every_graph_of_the_model_as_one_program(
    model_cache: Path, stages_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--cache", str(model_cache)]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["coreml"]
    assert set(found["vocoder"]) == {"16 first", "16", "8", "12", "32", "16 first float", "16 float"}
    assert set(found["albert"]) == {"32", "64", "128", "32 float", "64 float", "128 float"}
    for counts in (*found["vocoder"].values(), *found["albert"].values()):
        assert counts["nodes"] == counts["supported"] > 350
        assert counts["partitions"] == 1
        assert 0 < counts["largest_dim"] <= 16_384
    assert found["stock"]["supported"] < 0.7 * found["stock"]["nodes"]
    assert found["stock"]["partitions"] > 50
    assert found["work"]["vocoder"] >= 0.85
    assert found["work"]["albert"] > 0.03
    assert found["eligible"] == pytest.approx(found["work"]["vocoder"] + found["work"]["albert"], abs=0.001)
    assert sum(found["work"].values()) == pytest.approx(1, abs=0.001)
    assert found["problem"] == ""


def test_model_that_cannot_be_cut_is_an_error(
    model_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_small_graph(tmp_path / "other.onnx")
    assert main(["--cache", str(model_cache), "--model", str(model)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "other.onnx cannot be cut" in captured.err
    assert "use the installed model" in captured.err


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (replace(WHOLE, supported=578, missing_operators=("ai.onnx:Sin",)), "lacks ai.onnx:Sin; install onnxruntime"),
        (replace(WHOLE, partitions=2), "626 of 626 nodes in 2 partitions"),
        (replace(WHOLE, supported=0, partitions=0, dynamic=626), "0 of 626 nodes in 0 partitions"),
        (replace(WHOLE, rejections=("y has 6 axes",)), "y has 6 axes"),
        (replace(WHOLE, largest_dimension=114_000), "use the installed model"),
    ],
)
def test_graph_that_is_not_one_program_is_the_problem(broken: Eligibility, reason: str) -> None:
    assert GOOD.problem == ""
    for report, name in (
        (replace(GOOD, vocoder={"16": WHOLE, "32": broken}), "vocoder 32"),
        (replace(GOOD, albert={"64": broken}), "albert 64"),
    ):
        assert f"the graph {name!r}" in report.problem
        assert reason in report.problem


def test_small_share_of_the_work_is_the_problem() -> None:
    report = replace(GOOD, work={"albert": 0.1, "predictor": 0.2, "decoder": 0.0, "vocoder": 0.7})
    assert "only 80% of the work, less than 85%" in report.problem
