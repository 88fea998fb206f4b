from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_kokoro import PluginUnavailable, TextFilter
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_misaki import MisakiPlugin


def test_missing_package_makes_plugin_unavailable_with_install_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[misaki\]'"):
        MisakiPlugin(plugin_context("misaki", tmp_path))


def test_misaki_code_is_not_imported(filters: dict[str, TextFilter], tmp_path: Path) -> None:
    """Only its data files are read, because its code needs spaCy."""
    code = (
        "import sys; from pathlib import Path; from wyoming_kokoro.testing import plugin_context;"
        " from wyoming_kokoro_misaki import MisakiPlugin;"
        " plugin = MisakiPlugin(plugin_context('misaki', Path(sys.argv[1])));"
        " assert next(iter(plugin.kokoro_text_filters())).apply('lamp') != 'lamp';"
        " assert 'misaki' not in sys.modules and 'spacy' not in sys.modules"
    )
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
