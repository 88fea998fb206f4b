"""What users install: our wheel in a fresh environment, and plugins of others by pip."""

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

pytestmark = pytest.mark.install
pytest_plugins = ["tests.helpers.distributions"]

THIRD_PARTY = Path(__file__).parent / "third_party"
ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file())
EXAMPLES = sorted(file.parent for file in (ROOT / "examples").glob("*/pyproject.toml"))
PROBE = """\
import json, sys
from importlib.metadata import distributions
from pathlib import Path
import wyoming_kokoro, wyoming_kokoro_text
from wyoming_kokoro.config import load
from wyoming_kokoro.plugins.manager import PluginManager
plugins = PluginManager.load(load(Path(sys.argv[1]), {{}}, {{}}))
print(json.dumps({code}))
"""
BUILT_IN = [
    "chinese",
    "coreml",
    "cpu",
    "dashboard",
    "espeak",
    "files",
    "japanese",
    "lexicon",
    "memory_watchdog",
    "misaki",
    "onnxruntime",
    "openvino",
    "phrase_cache",
    "supervisor",
    "systemd",
    "text",
    "warmup",
    "zeroconf",
]


class House:
    """An environment into which somebody installs wyoming-kokoro."""

    def __init__(self, folder: Path) -> None:
        """Make the environment; it borrows the dependencies of ours, which would take minutes to install."""
        self.folder = folder
        self.cwd = folder / "elsewhere"
        self.cwd.mkdir(parents=True)
        venv.create(folder / "venv", with_pip=False)
        self.python = folder / "venv" / "bin" / "python"
        self.packages = self._packages()
        self._borrow()

    def _packages(self) -> Path:
        command = [str(self.python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        return Path(self._run(command).stdout.strip())

    def _borrow(self) -> None:
        """Link every installed package but wyoming-kokoro's, so that ours is found once: as the wheel."""
        borrowed = self.folder / "borrowed"
        borrowed.mkdir()
        for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for item in Path(place).iterdir():
                if not item.name.startswith("wyoming_kokoro"):
                    (borrowed / item.name).symlink_to(item)
        (self.packages / "borrowed.pth").write_text(f"{borrowed}\n")

    def pip(self, *arguments: str) -> None:
        """Install something without asking a registry."""
        own = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "install", *own, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.cwd)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *arguments: str, config: str = "", also: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the installed program; `also` is one more folder with distributions."""
        file = self.cwd / "config.toml"
        file.write_text(f"[directories]\ncache = '{self.folder}/cache'\nstate = '{self.folder}/state'\n{config}")
        program = str(self.python.with_name("wyoming-kokoro"))
        return self._run([program, "--config", str(file), *arguments], also)

    def pytest(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run the tests in `folder` in the environment, without the configuration of this repository."""
        return self._run(
            [str(self.python), "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder), str(folder)]
        )

    def ask(self, code: str, config: str = "") -> Any:
        """Return what `code` prints of `plugins`, which are loaded in the environment."""
        file = self.cwd / "probe.toml"
        file.write_text(config)
        done = self._run([str(self.python), "-c", PROBE.format(code=code), str(file)])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _run(self, command: Sequence[str], also: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        if also:
            environment["PYTHONPATH"] = str(also)
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.cwd, env=environment)


@pytest.fixture(scope="module")
def house(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """An environment with wyoming-kokoro and the examples."""
    house = House(tmp_path_factory.mktemp("house"))
    house.pip(str(wheel))
    house.pip(*map(str, EXAMPLES))
    return house


@pytest.fixture(scope="module")
def broken(house: House) -> Path:
    """A folder with a distribution whose plugin cannot be imported."""
    house.pip("--target", str(house.folder / "broken"), str(THIRD_PARTY / "broken"))
    return house.folder / "broken"


@pytest.fixture(scope="module")
def rival(house: House) -> Path:
    """A folder with another distribution of a plugin `nickname`."""
    house.pip("--target", str(house.folder / "rival"), str(THIRD_PARTY / "rival"))
    return house.folder / "rival"


def listed(house: House, config: str = "", also: Path | None = None) -> dict[str, dict[str, Any]]:
    done = house.run("plugins", "--json", config=config, also=also)
    assert done.returncode == 0, done.stderr
    return {plugin["name"]: plugin for plugin in json.loads(done.stdout)}


def test_the_wheel_is_what_runs(house: House) -> None:
    """Nothing of this source tree is found in the environment, and wyoming-kokoro is found once."""
    files = house.ask("[wyoming_kokoro.__file__, wyoming_kokoro_text.__file__]")
    assert all(Path(file).is_relative_to(house.packages) for file in files)
    places = house.ask("[str(item.locate_file('')) for item in distributions(name='wyoming-kokoro')]")
    assert [Path(place) for place in places] == [house.packages]


def test_installed_examples_are_active(house: House) -> None:
    """The built-in plugins come first."""
    plugins = listed(house)
    assert list(plugins) == [*BUILT_IN, *(example.name for example in EXAMPLES)]
    extras = ("chinese", "japanese", "misaki", "openvino")
    elsewhere = ("coreml", "supervisor", "systemd")  # a Mac's, an add-on's, a service's
    assert {plugin["status"] for name, plugin in plugins.items() if name not in (*extras, *elsewhere)} == {"active"}
    assert plugins["nickname"] == {
        "name": "nickname",
        "distribution": "wyoming-kokoro-nickname",
        "version": "1.0",
        "status": "active",
        "is_own": False,
        "is_required": False,
        "reason": "",
        "hooks": ["kokoro_text_filters"],
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_tests_of_the_installed_example_pass(house: House, example: Path) -> None:
    done = house.pytest(example)
    assert done.returncode == 0, done.stdout + done.stderr


def test_installed_filter_runs_in_its_order_with_its_settings(house: House) -> None:
    names = house.ask("[item.name for item in plugins.text_filters()]")
    assert names[:3] == ["markup", "nickname", "emoji"]
    code = "[item.apply('The NAS') for item in plugins.text_filters() if item.name == 'nickname']"
    assert house.ask(code) == ["The nass"]
    assert house.ask(code, "[plugins.nickname]\nspoken = 'box'") == ["The box"]


def test_voices_of_a_language_are_advertised_if_a_phonemizer_is_installed(house: House) -> None:
    ours = "[plugins.japanese]\nenabled = false\n"
    assert "ja" in languages(house, ours)
    without = languages(house, f"{ours}[plugins.hiragana]\nenabled = false")
    assert "ja" not in without
    assert "en-US" in without


def languages(house: House, config: str = "") -> set[str]:
    done = house.run("voices", "--json", config=config)
    assert done.returncode == 0, done.stderr
    return {voice["language"] for voice in json.loads(done.stdout)}


def test_disabled_plugin(house: House) -> None:
    """The configuration leaves it out."""
    nickname = listed(house, "[plugins.nickname]\nenabled = false")["nickname"]
    assert (nickname["status"], nickname["hooks"]) == ("disabled", [])


def test_misspelt_setting_of_a_plugin(house: House) -> None:
    """Exit code 2 and one line, as for a key of our own."""
    done = house.run("plugins", config="[plugins.nickname]\nspokn = 'box'")
    assert (done.returncode, done.stdout) == (2, "")
    file = house.cwd / "config.toml"
    assert done.stderr == f"wyoming-kokoro: {file}: plugins.nickname.spokn: unknown key; did you mean spoken?\n"


def test_broken_plugin_is_left_out(house: House, broken: Path) -> None:
    """It is listed with why, logged in one line, and the others work."""
    done = house.run("plugins", "--json", also=broken)
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


def test_broken_plugin_that_is_required(house: House, broken: Path) -> None:
    """Exit code 1 and one line."""
    file = house.cwd / "required.toml"
    file.write_text("required_plugins = ['broken']")
    done = house.run("plugins", "--config", str(file), also=broken)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "wyoming-kokoro: plugin broken (wyoming-kokoro-broken 0.3) cannot be loaded:"
        " RuntimeError: needs a newer kettle\n"
    )


def test_two_distributions_of_one_plugin(house: House, rival: Path) -> None:
    """Exit code 1 and one line that names both."""
    done = house.run("plugins", also=rival)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "wyoming-kokoro-nickname" in line
    assert "wyoming-kokoro-rival" in line
    assert "both bring a plugin named nickname; uninstall one of them" in line
