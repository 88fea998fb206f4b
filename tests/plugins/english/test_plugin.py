from __future__ import annotations

import logging
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from wyoming_kokoro import PluginUnavailable
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.text.pipeline import fail_safe
from wyoming_kokoro_english import EnglishPlugin
from wyoming_kokoro_english.front_end import FrontEnds


def test_missing_package_makes_plugin_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", fail)
    with pytest.raises(PluginUnavailable, match="pip install hibari-tts"):
        EnglishPlugin(plugin_context("english", tmp_path))


def test_failing_front_end_leaves_the_text_to_espeak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object) -> None:
        raise IndexError

    monkeypatch.setattr(FrontEnds, "load", fail)
    (american, _) = EnglishPlugin(plugin_context("english", tmp_path)).kokoro_text_filters()
    with caplog.at_level(logging.WARNING):
        apply = fail_safe(american).apply
        assert [apply("The lamp") for _ in range(3)] == ["The lamp"] * 3
    assert caplog.text.count("english-en-US failed (IndexError)") == 1


def test_version_is_that_of_hibari(tmp_path: Path) -> None:
    versions = {item.version for item in EnglishPlugin(plugin_context("english", tmp_path)).kokoro_text_filters()}
    assert versions == {f"hibari {metadata.version('hibari-tts')}"}


def test_reading_loads_hibari_late_and_no_model(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from wyoming_kokoro.testing import plugin_context;"
        " from wyoming_kokoro_english import EnglishPlugin;"
        " american, _ = EnglishPlugin(plugin_context('english', Path(sys.argv[1]))).kokoro_text_filters();"
        " assert 'hibari' not in sys.modules;"
        " assert american.apply('lamp, Zigbee') != 'lamp, Zigbee';"
        " assert 'hibari.g2p' in sys.modules and not {'onnxruntime', 'hibari.g2p.oov'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
