"""Conversion of the add-on's options to a configuration, and the start of the add-on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.servers.fake_supervisor import TOKEN
from wyoming_kokoro import ConfigError
from wyoming_kokoro.config import Config, load_config
from wyoming_kokoro_supervisor.__main__ import write_config
from wyoming_kokoro_supervisor.options import AddonDevice, AddonOptions, build_config


def test_options_override_the_users_file() -> None:
    options = AddonOptions(
        voice="bf_emma", speed=1.2, phrases=("Dinner is ready.",), devices=(AddonDevice("light", "Hall"),)
    )
    user_config = {
        "voice": {"name": "af_heart", "volume": 2.0},
        "server": {"shutdown_grace_seconds": 3.0},
        "plugins": {"warmup": {"phrases": ["Old."], "learn": False, "devices": {"lock": ["Door"]}}},
    }
    assert build_config(options, user_config) == {
        "voice": {"name": "bf_emma", "speed": 1.2, "volume": 2.0},
        "server": {"shutdown_grace_seconds": 3.0},
        "plugins": {
            "zeroconf": {"enabled": False},
            "openai": {"host": "", "allowed_hosts": ("homeassistant.local", "homeassistant")},
            "warmup": {
                "phrases": ("Dinner is ready.",),
                "learn": False,
                "devices": {"lock": ["Door"], "light": ["Hall"]},
            },
        },
    }


def test_users_file_overrides_the_defaults_of_the_add_on() -> None:
    user_config = {"plugins": {"zeroconf": {"enabled": True}, "openai": {"host": "127.0.0.1"}}}
    plugins = build_config(AddonOptions(), user_config)["plugins"]
    assert (plugins["zeroconf"], plugins["openai"]["host"]) == ({"enabled": True}, "127.0.0.1")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
addon_options = st.fixed_dictionaries(
    {"voice": texts, "speed": st.floats(0.25, 4.0), "volume": st.floats(0.0, 4.0), "log_level": st.just("debug")},
    optional={
        "phrases": st.lists(texts, max_size=3),
        "areas": st.lists(texts, max_size=3),
        "devices": st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["light", "lock"]), "name": texts})),
        "an option of an older version": texts,
    },
)


@given(options=addon_options)
def test_any_option_reaches_the_server(tmp_path_factory: pytest.TempPathFactory, options: dict[str, object]) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / "options.json").write_text(json.dumps(options))
    write_config(folder / "options.json", folder / "missing.toml", folder / "config.toml")
    config: Config = load_config(folder / "config.toml", {}, {})
    assert (config.voice.name, config.voice.speed, config.voice.volume) == (
        options["voice"],
        options["speed"],
        options["volume"],
    )
    assert config.plugins["warmup"].get("phrases", []) == options.get("phrases", [])
    assert config.plugins["warmup"].get("areas", []) == options.get("areas", [])


@pytest.mark.parametrize("text", [None, "", "[]", '{"speed": "fast"}', '{"devices": [{"kind": "light"}]}'])
def test_unreadable_options_are_an_error(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "options.json").write_text(text)
    with pytest.raises(ConfigError, match=r"options\.json: cannot be read .* save the add-on's options again"):
        write_config(tmp_path / "options.json", tmp_path / "user.toml", tmp_path / "config.toml")
    assert not (tmp_path / "config.toml").exists()


@pytest.mark.parametrize("text", [b"voice = [", b"\xff"])
def test_invalid_users_file_is_an_error(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "options.json").write_text("{}")
    (tmp_path / "user.toml").write_bytes(text)
    with pytest.raises(ConfigError, match="is not valid TOML"):
        write_config(tmp_path / "options.json", tmp_path / "user.toml", tmp_path / "config.toml")


START = """\
import sys; from pathlib import Path; from wyoming_kokoro_supervisor import __main__ as addon
folder = Path(sys.argv[1])
addon.OPTIONS_FILE, addon.USER_CONFIG_FILE = folder / "options.json", folder / "user.toml"
addon.SERVER_CONFIG_FILE = folder / "server.toml"
addon.main()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "SUPERVISOR_TOKEN": TOKEN, "WYOMING_KOKORO_CACHE": str(tmp_path / "cache")}


def test_invalid_option_ends_the_add_on_with_one_line(tmp_path: Path, environment: dict[str, str]) -> None:
    """The add-on rejects invalid JSON. The server rejects invalid values."""
    command = [sys.executable, "-c", START, str(tmp_path)]
    for text, reason in (("{", "options.json: cannot be read"), ('{"speed": 9.0}', "server.toml: voice.speed: ")):
        (tmp_path / "options.json").write_text(text)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
        assert done.returncode == 2
        assert done.stderr.startswith(f"wyoming-kokoro: {tmp_path}/{reason}")
        assert done.stderr.count("\n") == 1
