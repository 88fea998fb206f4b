"""The Dockerfiles and the add-on, compared with the program that they start."""

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
from wyoming_kokoro.cli import ping
from wyoming_kokoro.cli.main import build_parser, main
from wyoming_kokoro.config import ENVIRONMENT, Config, ServerConfig, VoiceConfig
from wyoming_kokoro_supervisor.options import AddonDevice, AddonOptions
from wyoming_kokoro_warmup.settings import Devices

ROOT = Path(__file__).parents[3]
ADDON = ROOT / "addon"
IMAGES = [ROOT / "Dockerfile", ADDON / "Dockerfile"]
CONFIG: dict[str, Any] = yaml.safe_load((ADDON / "config.yaml").read_text("utf-8"))

ELEMENT = re.compile(
    r"(bool|str|int(\(-?\d*,-?\d*\))?|float\(-?\d*\.?\d+,-?\d*\.?\d+\)|list\([^()|]+(\|[^()|]+)*\)|port|url|match\(.+\))\??"
)
"""The option types of the Supervisor, except str(MIN,MAX), which compares text with numbers."""
KEYS = {
    *("name", "version", "slug", "description", "url", "arch", "startup", "homeassistant", "discovery", "ports"),
    *("watchdog", "timeout", "map", "backup_exclude", "options", "schema"),
}
"""All keys in use. The Supervisor drops unknown keys silently."""


def instructions(file: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile with their arguments. Continued lines are joined."""
    text = re.sub(r"\\\n\s*", "", file.read_text("utf-8"))
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def context_files() -> set[str]:
    """Return the files and folders of the root that .dockerignore keeps in the build context."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    return {line[1:] for line in lines if line.startswith("!")}


def test_copied_files_are_in_the_build_context() -> None:
    copied = {name for word, rest in instructions(ROOT / "Dockerfile") if word == "COPY" for name in rest.split()[:-1]}
    sources = {name for name in copied if not name.startswith(("--from", "/"))}
    assert sources == context_files()
    assert all((ROOT / name).exists() for name in sources)


def test_build_context_has_all_files_of_the_wheel() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    named = {"README.md", "LICENSE", "NOTICE", "wyoming_kokoro", "plugins"}
    assert all(f'"{name}"' in text for name in named)
    assert context_files() == named | {"pyproject.toml", "constraints.txt"}


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_health_check_runs_ping_without_a_shell(file: Path) -> None:
    (check,) = (rest for word, rest in instructions(file) if word == "HEALTHCHECK")
    assert check.endswith('CMD ["wyoming-kokoro", "ping"]')
    assert build_parser(["ping"]).parse_args(["ping"]).run is ping.run
    (seconds,) = re.findall(r"--timeout=(\d+)s", check)
    assert int(seconds) > 5


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_environment_is_known_to_the_server_and_writes_to_the_volume(file: Path) -> None:
    (text,) = (rest for word, rest in instructions(file) if word == "ENV")
    variables = dict(pair.split("=") for pair in text.split())
    assert set(variables) - {"PATH"} <= set(ENVIRONMENT)
    assert {variables["WYOMING_KOKORO_CACHE"], variables["WYOMING_KOKORO_STATE"]} == {"/data/cache", "/data/state"}
    assert variables.get("WYOMING_KOKORO_URI", ServerConfig().uri) == ServerConfig().uri


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_server_starts_without_a_shell_and_exposes_its_port(file: Path) -> None:
    """A shell would not pass on SIGTERM."""
    last = instructions(file)[-1]
    assert last in (("ENTRYPOINT", '["wyoming-kokoro"]'), ("CMD", '["python", "-m", "wyoming_kokoro_supervisor"]'))
    assert ("EXPOSE", ServerConfig().uri.rpartition(":")[2]) in instructions(file)


def test_image_runs_without_root() -> None:
    words = [word for word, _ in instructions(ROOT / "Dockerfile")]
    assert ("USER", "10200:10200") in instructions(ROOT / "Dockerfile")
    assert words.index("USER") > max(index for index, word in enumerate(words) if word == "RUN")


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_base_image_is_debian(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "alpine" not in re.sub("C library of Alpine", "", text).lower()
    assert "python:3.13-slim-trixie" in text


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_hadolint_finds_no_problem(file: Path) -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if not program:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([program, str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# The add-on


def test_add_on_has_the_required_keys() -> None:
    assert set(CONFIG) == KEYS
    assert all(isinstance(CONFIG[key], str) and CONFIG[key] for key in ("name", "version", "slug", "description"))
    assert re.fullmatch(r"[-_.A-Za-z0-9]+", CONFIG["slug"])
    assert CONFIG["arch"] == ["amd64", "aarch64"]
    assert CONFIG["startup"] in {"initialize", "system", "services", "application", "once"}
    assert CONFIG["discovery"] == ["wyoming"]
    assert CONFIG["ports"] == {"10200/tcp": None, "8880/tcp": None}
    assert re.fullmatch(r"tcp://\[HOST\]:\[PORT:10200\]", CONFIG["watchdog"])
    assert [folder["type"] for folder in CONFIG["map"]] == ["addon_config"]


def test_add_on_installs_the_release_of_its_own_version() -> None:
    assert CONFIG["version"] == __version__
    (source,) = (rest for word, rest in instructions(ADDON / "Dockerfile") if rest.startswith("SOURCE="))
    assert source == f"SOURCE={CONFIG['url']}/archive/refs/tags/v${{BUILD_VERSION}}.tar.gz"


@pytest.mark.parametrize("file", IMAGES, ids=["image", "addon"])
def test_image_has_the_versions_of_the_constraints(file: Path) -> None:
    (install,) = (rest for word, rest in instructions(file) if word == "RUN" and "pip install" in rest)
    (constraints,) = re.findall(r'--constraint "?([^\s"]+)', install)
    if file.parent == ADDON:
        (default,) = (rest for word, rest in instructions(file) if rest.startswith("CONSTRAINTS="))
        raw = CONFIG["url"].replace("https://github.com", "https://raw.githubusercontent.com")
        assert default == f"CONSTRAINTS={raw}/v${{BUILD_VERSION}}/constraints.txt"
    else:
        assert constraints == "constraints.txt"


def test_stop_timeout_of_the_add_on_is_longer_than_the_drain() -> None:
    assert 10 <= CONFIG["timeout"] <= 300
    assert CONFIG["timeout"] > ServerConfig().shutdown_grace_seconds


def option_types(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        return [element for inner in schema.values() for element in option_types(inner)]
    return [element for inner in schema for element in option_types(inner)] if isinstance(schema, list) else [schema]


def test_option_types_are_known_to_the_supervisor() -> None:
    for element in option_types(CONFIG["schema"]):
        assert ELEMENT.fullmatch(element), element


def test_option_has_a_default_a_name_and_a_description() -> None:
    translation = yaml.safe_load((ADDON / "translations" / "en.yaml").read_text("utf-8"))
    assert list(CONFIG["schema"]) == list(CONFIG["options"]) == list(translation["configuration"])
    assert list(CONFIG["schema"]) == list(AddonOptions.__struct_fields__)
    assert all(texts["name"] and texts["description"] for texts in translation["configuration"].values())
    assert list(translation["network"]) == list(CONFIG["ports"])


def test_defaults_of_the_add_on_are_those_of_the_server() -> None:
    options, voice = CONFIG["options"], VoiceConfig()
    assert (options["voice"], options["speed"], options["volume"]) == (voice.name, voice.speed, voice.volume)
    assert options["log_level"] == Config().log_level
    assert CONFIG["schema"]["speed"] == "float(0.25,4.0)"
    assert CONFIG["schema"]["volume"] == "float(0.0,4.0)"


def choices(element: str) -> list[str]:
    return element.removeprefix("list(").removesuffix(")").split("|")


def test_add_on_offers_the_advertised_voices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voices"]) == 0
    advertised = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert set(choices(CONFIG["schema"]["voice"])) <= advertised
    assert len(set(choices(CONFIG["schema"]["voice"]))) == 41


def test_add_on_offers_all_kinds_of_devices() -> None:
    (device,) = CONFIG["schema"]["devices"]
    assert list(device) == list(AddonDevice.__struct_fields__)
    assert choices(device["kind"]) == [field.name for field in fields(Devices)]


def test_base_image_in_build_yaml_is_that_of_the_dockerfile() -> None:
    build = yaml.safe_load((ADDON / "build.yaml").read_text("utf-8"))
    (default,) = (rest for word, rest in instructions(ADDON / "Dockerfile") if rest.startswith("BUILD_FROM="))
    assert {f"BUILD_FROM={base}" for base in build["build_from"].values()} == {default}
    assert list(build["build_from"]) == CONFIG["arch"]
    assert all(
        re.fullmatch(r"([a-zA-Z\-.:\d]+/)*[\-\w]+/[\-\w]+:[.\-\w]+", base) for base in build["build_from"].values()
    )


def test_repository_has_a_name_and_one_add_on() -> None:
    """The Supervisor takes each config.yaml for an add-on, except in hidden folders."""
    assert yaml.safe_load((ROOT / "repository.yaml").read_text("utf-8"))["name"]
    done = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT)
    names = [Path(line) for line in done.stdout.splitlines()]
    visible = [name for name in names if not name.parts[0].startswith(".")]
    found = [str(name) for name in visible if name.stem == "config" and name.suffix in {".yaml", ".yml", ".json"}]
    assert found == ["addon/config.yaml"]


def test_icon_has_the_size_of_the_store() -> None:
    picture = (ADDON / "icon.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (128, 128)
