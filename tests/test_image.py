"""The container images and the add-on: what they are made of is there, and says what the program does."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from wyoming_kokoro import __version__
from wyoming_kokoro.cli.main import parser
from wyoming_kokoro.cli.voices import voices
from wyoming_kokoro.config import ENVIRONMENT, Config, ServerConfig, VoiceConfig
from wyoming_kokoro_supervisor.options import Device, Options
from wyoming_kokoro_warmup.settings import Devices

ROOT = Path(__file__).parents[1]
ADDON = ROOT / "addon"
IMAGES = [ROOT / "Dockerfile", ADDON / "Dockerfile"]
CONFIG: dict[str, Any] = yaml.safe_load((ADDON / "config.yaml").read_text("utf-8"))

ELEMENT = re.compile(
    r"(bool|str|int(\(-?\d*,-?\d*\))?|float\(-?\d*\.?\d+,-?\d*\.?\d+\)|list\([^()|]+(\|[^()|]+)*\)|port|url|match\(.+\))\??"
)
"""What the Supervisor takes as the type of an option, but for str(MIN,MAX): there it compares text with numbers."""
KEYS = {
    *("name", "version", "slug", "description", "url", "arch", "startup", "homeassistant", "discovery", "ports"),
    *("watchdog", "timeout", "map", "backup_exclude", "options", "schema"),
}
"""Those that we use, of which the Supervisor knows all: it drops others without a word."""


def instructions(file: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, each with the rest of its line; continued lines are joined."""
    text = re.sub(r"\\\n\s*", "", file.read_text("utf-8"))
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def ignored() -> set[str]:
    """Return what the Docker context has of the root."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    return {line[1:] for line in lines if line.startswith("!")}


def test_everything_that_is_copied_is_there_and_in_the_context() -> None:
    copied = {name for word, rest in instructions(ROOT / "Dockerfile") if word == "COPY" for name in rest.split()[:-1]}
    sources = {name for name in copied if not name.startswith(("--from", "/"))}
    assert sources == ignored()
    assert all((ROOT / name).exists() for name in sources)


def test_everything_that_the_wheel_is_made_of_is_copied() -> None:
    """Its build reads these, and nothing else of the root."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    named = {"README.md", "LICENSE", "NOTICE", "wyoming_kokoro", "plugins"}
    assert all(f'"{name}"' in text for name in named)
    assert ignored() == named | {"pyproject.toml"}


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_the_health_check_is_a_describe_round_trip(file: Path) -> None:
    """By the command that exists, in the exec form: there need not be a shell, and no process is left."""
    (check,) = (rest for word, rest in instructions(file) if word == "HEALTHCHECK")
    assert check.endswith('CMD ["wyoming-kokoro", "ping"]')
    assert parser().parse_args(["ping"]).command.__name__ == "_ping"
    (seconds,) = re.findall(r"--timeout=(\d+)s", check)
    assert int(seconds) > 5


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_the_environment_is_one_that_is_read(file: Path) -> None:
    """All that is written goes to the volume."""
    (text,) = (rest for word, rest in instructions(file) if word == "ENV")
    told = dict(pair.split("=") for pair in text.split())
    assert set(told) - {"PATH"} <= set(ENVIRONMENT)
    assert {told["WYOMING_KOKORO_CACHE"], told["WYOMING_KOKORO_STATE"]} == {"/data/cache", "/data/state"}
    assert told.get("WYOMING_KOKORO_URI", ServerConfig().uri) == ServerConfig().uri


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_the_server_is_started_without_a_shell(file: Path) -> None:
    """So that the signal to stop reaches it. The port is the one that it listens on."""
    last = instructions(file)[-1]
    assert last in (("ENTRYPOINT", '["wyoming-kokoro"]'), ("CMD", '["python", "-m", "wyoming_kokoro_supervisor"]'))
    assert ("EXPOSE", ServerConfig().uri.rpartition(":")[2]) in instructions(file)


def test_the_image_runs_as_nobody_in_particular() -> None:
    words = [word for word, _ in instructions(ROOT / "Dockerfile")]
    assert ("USER", "10200:10200") in instructions(ROOT / "Dockerfile")
    assert words.index("USER") > max(place for place, word in enumerate(words) if word == "RUN")


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_the_base_has_a_c_library_that_onnxruntime_has_wheels_for(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "alpine" not in re.sub("Alpine's", "", text).lower()
    assert "python:3.13-slim-trixie" in text


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_hadolint_has_nothing_to_say(file: Path) -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if not program:
        pytest.skip("there is no hadolint for this machine")
    done = subprocess.run([program, str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# The add-on


def test_the_add_ons_configuration_has_what_it_must_have() -> None:
    assert set(CONFIG) == KEYS
    assert all(isinstance(CONFIG[key], str) and CONFIG[key] for key in ("name", "version", "slug", "description"))
    assert re.fullmatch(r"[-_.A-Za-z0-9]+", CONFIG["slug"])
    assert CONFIG["arch"] == ["amd64", "aarch64"]
    assert CONFIG["startup"] in {"initialize", "system", "services", "application", "once"}
    assert CONFIG["discovery"] == ["wyoming"]
    assert CONFIG["ports"] == {"10200/tcp": None}
    assert re.fullmatch(r"tcp://\[HOST\]:\[PORT:10200\]", CONFIG["watchdog"])
    assert [folder["type"] for folder in CONFIG["map"]] == ["addon_config"]


def test_the_add_on_is_the_version_whose_source_it_gets() -> None:
    assert CONFIG["version"] == __version__
    (source,) = (rest for word, rest in instructions(ADDON / "Dockerfile") if rest.startswith("SOURCE="))
    assert source == f"SOURCE={CONFIG['url']}/archive/refs/tags/v${{BUILD_VERSION}}.tar.gz"


def test_the_supervisor_lets_a_drain_end() -> None:
    assert 10 <= CONFIG["timeout"] <= 300
    assert CONFIG["timeout"] > ServerConfig().shutdown_grace_seconds


def elements(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        return [element for inner in schema.values() for element in elements(inner)]
    return [element for inner in schema for element in elements(inner)] if isinstance(schema, list) else [schema]


def test_every_option_has_a_type_that_the_supervisor_knows() -> None:
    for element in elements(CONFIG["schema"]):
        assert ELEMENT.fullmatch(element), element


def test_every_option_has_its_default_a_name_and_a_meaning() -> None:
    """What the page offers, what it explains, and what the plugin reads are one list."""
    explained = yaml.safe_load((ADDON / "translations" / "en.yaml").read_text("utf-8"))
    assert list(CONFIG["schema"]) == list(CONFIG["options"]) == list(explained["configuration"])
    assert list(CONFIG["schema"]) == list(Options.__struct_fields__)
    assert all(texts["name"] and texts["description"] for texts in explained["configuration"].values())
    assert list(explained["network"]) == list(CONFIG["ports"])


def test_the_defaults_are_the_servers() -> None:
    options, voice = CONFIG["options"], VoiceConfig()
    assert (options["voice"], options["speed"], options["volume"]) == (voice.name, voice.speed, voice.volume)
    assert options["log_level"] == Config().log_level
    assert CONFIG["schema"]["speed"] == "float(0.5,2.0)"
    assert CONFIG["schema"]["volume"] == "float(0.0,4.0)"


def choices(element: str) -> list[str]:
    return element.removeprefix("list(").removesuffix(")").split("|")


def test_every_advertised_voice_can_be_chosen() -> None:
    advertised = {line.split()[0] for line in voices(Config(), as_json=False).splitlines()}
    assert set(choices(CONFIG["schema"]["voice"])) <= advertised
    assert len(set(choices(CONFIG["schema"]["voice"]))) == 41


def test_every_kind_of_device_can_be_chosen() -> None:
    (device,) = CONFIG["schema"]["devices"]
    assert list(device) == list(Device.__struct_fields__)
    assert choices(device["kind"]) == [field.name for field in fields(Devices)]


def test_the_builds_base_is_the_dockerfiles() -> None:
    build = yaml.safe_load((ADDON / "build.yaml").read_text("utf-8"))
    (default,) = (rest for word, rest in instructions(ADDON / "Dockerfile") if rest.startswith("BUILD_FROM="))
    assert {f"BUILD_FROM={base}" for base in build["build_from"].values()} == {default}
    assert list(build["build_from"]) == CONFIG["arch"]
    assert all(
        re.fullmatch(r"([a-zA-Z\-.:\d]+/)*[\-\w]+/[\-\w]+:[.\-\w]+", base) for base in build["build_from"].values()
    )


def test_the_repository_can_be_added() -> None:
    """Its file has a name, and there is one add-on in it: the Supervisor looks for config.yaml in all folders."""
    assert yaml.safe_load((ROOT / "repository.yaml").read_text("utf-8"))["name"]
    done = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT)
    names = [Path(line) for line in done.stdout.splitlines()]
    found = [str(name) for name in names if name.stem == "config" and name.suffix in {".yaml", ".yml", ".json"}]
    assert found == ["addon/config.yaml"]


def test_the_icon_is_as_large_as_the_store_draws_it() -> None:
    picture = (ADDON / "icon.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (128, 128)
