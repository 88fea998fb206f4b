from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_kokoro import ConfigError
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_espeak import EspeakPlugin


@pytest.mark.parametrize("language", ["ja", "zh-CN", "de", "en"])
def test_other_languages_have_no_phonemizer(session_folder: Path, language: str) -> None:
    assert EspeakPlugin(plugin_context("espeak", session_folder / "espeak")).kokoro_phonemizer(language) is None


def test_phonemizer_package_is_not_imported_before_the_first_text(tmp_path: Path) -> None:
    """Its import takes a second."""
    code = (
        "import sys; from pathlib import Path; from wyoming_kokoro.testing import plugin_context;"
        " from wyoming_kokoro_espeak import EspeakPlugin;"
        " plugin = EspeakPlugin(plugin_context('espeak', Path(sys.argv[1])));"
        " assert plugin.kokoro_phonemizer('en-US'); assert 'phonemizer' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


def test_unknown_key_raises_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="voice"):
        EspeakPlugin(plugin_context("espeak", tmp_path, {"voice": "en"}))
