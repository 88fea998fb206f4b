from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from wyoming_kokoro import PluginUnavailable
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_japanese import JapanesePlugin


def test_other_languages_have_no_phonemizer(tmp_path: Path) -> None:
    pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    assert JapanesePlugin(plugin_context("japanese", tmp_path)).kokoro_phonemizer("zh-CN") is None


def test_missing_package_makes_plugin_unavailable_with_install_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[ja\]'"):
        JapanesePlugin(plugin_context("japanese", tmp_path))


def test_package_without_dictionary_makes_plugin_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The original pyopenjtalk would download a dictionary on first use."""
    spec = ModuleSpec("pyopenjtalk", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(PluginUnavailable, match="pip uninstall pyopenjtalk"):
        JapanesePlugin(plugin_context("japanese", tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sys.dic", "matrix.bin", "char.bin", "unk.dic"])
def test_damaged_dictionary_ends_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    package = pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    dictionary = tmp_path / "dictionary"
    shutil.copytree(Path(package.__file__).parent / "dictionary", dictionary, copy_function=os.symlink)
    content = (dictionary / name).read_bytes()
    (dictionary / name).unlink()
    (dictionary / name).write_bytes(content[: len(content) // 2])
    monkeypatch.setenv("OPEN_JTALK_DICT_DIR", str(dictionary))
    code = (
        "import sys; from pathlib import Path; from wyoming_kokoro import StartupError;"
        " from wyoming_kokoro.testing import plugin_context; from wyoming_kokoro_japanese import JapanesePlugin;"
        " plugin = JapanesePlugin(plugin_context('japanese', Path(sys.argv[1])))\n"
        "try: print(plugin.kokoro_phonemizer('ja').phonemize('何が好きですか'))\n"
        "except StartupError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Open JTalk cannot read its dictionary: " in done.stdout
    assert "pip install --force-reinstall pyopenjtalk-plus" in done.stdout


def test_dictionary_is_opened_on_first_use_without_network(tmp_path: Path) -> None:
    pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    code = (
        "import sys; sys.addaudithook(lambda event, _: event.startswith('socket.') and sys.exit(event));"
        " from pathlib import Path; from wyoming_kokoro.testing import plugin_context;"
        " from wyoming_kokoro_japanese import JapanesePlugin;"
        " phonemizer = JapanesePlugin(plugin_context('japanese', Path(sys.argv[1]))).kokoro_phonemizer('ja');"
        " assert 'pyopenjtalk' not in sys.modules; assert phonemizer.phonemize('何が好きですか')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
