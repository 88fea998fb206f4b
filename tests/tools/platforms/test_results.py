"""The results of `python -m tools.platforms`, and the table that is made from them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.platforms.hear import RESULTS, plain
from tools.platforms.make_table import PAGE, format_page
from tools.platforms.speak import find_problems

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(RESULTS.read_text("utf-8"))
    return found


def test_page_is_up_to_date() -> None:
    """`python -m tools.platforms.make_table` writes it."""
    assert PAGE.read_text("utf-8") == format_page()


def test_every_supported_python_and_arm64_spoke_without_problems(results: list[dict[str, Any]]) -> None:
    supported = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert set(supported) <= {".".join(result["python"].split(".")[:2]) for result in results}
    assert "aarch64" in {result["machine"] for result in results}
    for result in results:
        assert result["problems"] == [], result["name"]


def test_image_service_and_arm64_spoke(results: list[dict[str, Any]]) -> None:
    spoken = {result["platform"]: [item["name"] for item in result["recordings"]] for result in results}
    assert spoken["image"] == spoken["systemd"] == ["say", "stream"]
    assert spoken["arm64"] == ["say", "stream", "ja", "zh"]


def test_whisper_heard_every_recording(results: list[dict[str, Any]]) -> None:
    heard = {
        f"{result['name']} {item['name']}": item["error_percent"] for result in results for item in result["recordings"]
    }
    assert {name: errors for name, errors in heard.items() if errors > 20} == {}


def test_warnings_and_tracebacks_are_problems() -> None:
    good = "2026-01-01 10:00:00,000 INFO    Ready to speak after 1.0 s (default voice af_heart)\n"
    bad = [
        "adain.py:50: RuntimeWarning: divide by zero encountered in matmul",
        "2026-01-01 10:00:00,000 WARNING Provider cpu cannot open vocoder.onnx",
        "Traceback (most recent call last):",
    ]
    assert find_problems(good + "\n".join(bad)) == bad


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [("It's on, now!", "en", "it s on now"), ("今日は、いい 天気。", "ja", "今日はいい天気")],
)
def test_compared_text_has_no_punctuation(text: str, language: str, expected: str) -> None:
    assert plain(text, language) == expected
