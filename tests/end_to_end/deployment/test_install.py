"""The wheel and third-party plugins, installed by pip in a fresh environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
pytest_plugins = ["tests.helpers.distributions"]

THIRD_PARTY = Path(__file__).parents[2] / "third_party"
ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file())
EXAMPLES = sorted(file.parent for file in (ROOT / "examples").glob("*/pyproject.toml"))
PROBE = """\
import json, sys
from importlib.metadata import distributions
from pathlib import Path
import wyoming_kokoro, wyoming_kokoro_text
from wyoming_kokoro.config import load_config
from wyoming_kokoro.plugins.manager import PluginManager
plugins = PluginManager.load(load_config(Path(sys.argv[1]), {{}}, {{}}))
print(json.dumps({code}))
"""
BUILT_IN = [
    "chinese",
    "coreml",
    "cpu",
    "dashboard",
    "distilled",
    "english",
    "espeak",
    "files",
    "japanese",
    "lexicon",
    "memory_watchdog",
    "onnxruntime",
    "openai",
    "openvino",
    "phrase_cache",
    "redis",
    "supervisor",
    "systemd",
    "text",
    "warmup",
    "zeroconf",
]


class Installation:
    """A virtual environment for wyoming-kokoro and plugins."""

    def __init__(self, folder: Path) -> None:
        """Create the environment. It links the installed dependencies, because installing them takes minutes."""
        self.folder = folder
        self.cwd = folder / "cwd"
        self.cwd.mkdir(parents=True)
        venv.create(folder / "venv", with_pip=False)
        self.python = folder / "venv" / "bin" / "python"
        self.packages = self._packages()
        self._link_dependencies()

    def _packages(self) -> Path:
        command = [str(self.python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        return Path(self._run(command).stdout.strip())

    def _link_dependencies(self) -> None:
        """Link every installed package except wyoming-kokoro, which only the wheel provides."""
        linked = self.folder / "linked"
        linked.mkdir()
        for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for item in Path(folder).iterdir():
                if not item.name.startswith("wyoming_kokoro"):
                    (linked / item.name).symlink_to(item)
        (self.packages / "linked.pth").write_text(f"{linked}\n")

    def pip(self, *arguments: str) -> None:
        """Install a package without a package index."""
        offline = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "install", *offline, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.cwd)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *arguments: str, config: str = "", extra: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the installed program; `extra` is one more folder with distributions."""
        file = self.cwd / "config.toml"
        file.write_text(f"[directories]\ncache = '{self.folder}/cache'\nstate = '{self.folder}/state'\n{config}")
        program = str(self.python.with_name("wyoming-kokoro"))
        return self._run([program, "--config", str(file), *arguments], extra)

    def pytest(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run the tests in `folder` in the environment, without the configuration of this repository."""
        settings = self.cwd / "pytest.ini"
        settings.write_text("[pytest]\n")
        return self._run(
            [str(self.python), "-m", "pytest", "-q", "-c", str(settings), "--rootdir", str(folder), str(folder)]
        )

    def evaluate(self, code: str, config: str = "") -> Any:
        """Return the value of the expression `code`, in which `plugins` are the loaded plugins."""
        file = self.cwd / "probe.toml"
        file.write_text(config)
        done = self._run([str(self.python), "-c", PROBE.format(code=code), str(file)])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _run(self, command: Sequence[str], extra: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        if extra:
            environment["PYTHONPATH"] = str(extra)
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.cwd, env=environment)


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An environment with wyoming-kokoro and the examples."""
    installation = Installation(tmp_path_factory.mktemp("installation"))
    installation.pip(str(wheel))
    installation.pip(*map(str, EXAMPLES))
    return installation


@pytest.fixture(scope="module")
def broken(installation: Installation) -> Path:
    """A folder with a plugin that fails to import."""
    installation.pip("--target", str(installation.folder / "broken"), str(THIRD_PARTY / "broken"))
    return installation.folder / "broken"


@pytest.fixture(scope="module")
def rival(installation: Installation) -> Path:
    """A folder with another distribution of a plugin `nickname`."""
    installation.pip("--target", str(installation.folder / "rival"), str(THIRD_PARTY / "rival"))
    return installation.folder / "rival"


def list_plugins(installation: Installation, config: str = "", extra: Path | None = None) -> dict[str, dict[str, Any]]:
    done = installation.run("plugins", "--json", config=config, extra=extra)
    assert done.returncode == 0, done.stderr
    return {plugin["name"]: plugin for plugin in json.loads(done.stdout)}


def test_program_runs_from_the_wheel(installation: Installation) -> None:
    """The environment contains wyoming-kokoro once, and nothing of this source tree."""
    files = installation.evaluate("[wyoming_kokoro.__file__, wyoming_kokoro_text.__file__]")
    assert all(Path(file).is_relative_to(installation.packages) for file in files)
    locations = installation.evaluate("[str(item.locate_file('')) for item in distributions(name='wyoming-kokoro')]")
    assert [Path(location) for location in locations] == [installation.packages]


def test_installed_examples_are_active(installation: Installation) -> None:
    """The list begins with the built-in plugins."""
    plugins = list_plugins(installation)
    assert list(plugins) == [*BUILT_IN, "hiragana", "nickname", "single_thread"]
    extras = ("chinese", "japanese", "openvino", "redis")
    unavailable = ("coreml", "supervisor", "systemd")  # need a Mac, the add-on and a systemd service
    assert {plugin["status"] for name, plugin in plugins.items() if name not in (*extras, *unavailable)} == {"active"}
    assert plugins["nickname"] == {
        "name": "nickname",
        "distribution": "wyoming-kokoro-nickname",
        "version": "1.0",
        "status": "active",
        "is_builtin": False,
        "is_required": False,
        "reason": "",
        "hooks": ["kokoro_text_filters"],
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_tests_of_the_installed_example_pass(installation: Installation, example: Path) -> None:
    done = installation.pytest(example)
    assert done.returncode == 0, done.stdout + done.stderr


def test_installed_filter_runs_in_its_order_with_its_settings(installation: Installation) -> None:
    names = installation.evaluate("[item.name for item in plugins.text_filters()]")
    assert names.index("markup") < names.index("nickname") < names.index("emoji")
    code = "[item.apply('The NAS') for item in plugins.text_filters() if item.name == 'nickname']"
    assert installation.evaluate(code) == ["The nass"]
    assert installation.evaluate(code, "[plugins.nickname]\nspoken = 'box'") == ["The box"]


def test_voices_of_a_language_are_advertised_if_a_phonemizer_is_installed(installation: Installation) -> None:
    without_japanese = "[plugins.japanese]\nenabled = false\n"
    assert "ja" in languages(installation, without_japanese)
    without = languages(installation, f"{without_japanese}[plugins.hiragana]\nenabled = false")
    assert "ja" not in without
    assert "en-US" in without


def languages(installation: Installation, config: str = "") -> set[str]:
    done = installation.run("voices", "--json", config=config)
    assert done.returncode == 0, done.stderr
    return {voice["language"] for voice in json.loads(done.stdout)}


def test_disabled_plugin_has_no_hooks(installation: Installation) -> None:
    nickname = list_plugins(installation, "[plugins.nickname]\nenabled = false")["nickname"]
    assert (nickname["status"], nickname["hooks"]) == ("disabled", [])


def test_unknown_setting_of_a_plugin_ends_with_code_2(installation: Installation) -> None:
    done = installation.run("plugins", config="[plugins.nickname]\nspokn = 'box'")
    assert (done.returncode, done.stdout) == (2, "")
    file = installation.cwd / "config.toml"
    assert done.stderr == f"wyoming-kokoro: {file}: plugins.nickname.spokn: unknown key; did you mean spoken?\n"


def test_broken_plugin_is_logged_and_skipped(installation: Installation, broken: Path) -> None:
    done = installation.run("plugins", "--json", extra=broken)
    assert done.returncode == 0
    plugins = {plugin["name"]: plugin for plugin in json.loads(done.stdout)}
    assert (plugins["broken"]["status"], plugins["broken"]["distribution"]) == (
        "failed",
        "wyoming-kokoro-broken",
    )
    assert plugins["broken"]["reason"] == "RuntimeError: needs a newer kettle"
    assert plugins["nickname"]["status"] == "active"
    (line,) = done.stderr.splitlines()
    assert "plugin broken (wyoming-kokoro-broken 0.3) cannot be loaded: RuntimeError: needs a newer kettle" in line


def test_broken_required_plugin_ends_with_code_1(installation: Installation, broken: Path) -> None:
    file = installation.cwd / "required.toml"
    file.write_text("required_plugins = ['broken']")
    done = installation.run("plugins", "--config", str(file), extra=broken)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "wyoming-kokoro: plugin broken (wyoming-kokoro-broken 0.3) cannot be loaded:"
        " RuntimeError: needs a newer kettle\n"
    )


def test_two_distributions_with_one_plugin_name_end_with_code_1(installation: Installation, rival: Path) -> None:
    done = installation.run("plugins", extra=rival)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "wyoming-kokoro-nickname" in line
    assert "wyoming-kokoro-rival" in line
    assert "both contain a plugin named nickname; uninstall one of them" in line
