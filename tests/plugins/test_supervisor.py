"""The Supervisor is told of the server; what it does wrong is borne; the add-on's options reach the server."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.fake_supervisor import TOKEN, Supervisor, supervising
from wyoming_kokoro import Address, ConfigError, PluginUnavailable
from wyoming_kokoro.config import Config, load
from wyoming_kokoro.testing import FakeServer, plugin_context
from wyoming_kokoro_supervisor import Supervised
from wyoming_kokoro_supervisor.__main__ import write
from wyoming_kokoro_supervisor.api import SupervisorApi
from wyoming_kokoro_supervisor.errors import Unreachable
from wyoming_kokoro_supervisor.options import Device, Options, configuration

HERE = (Address("0.0.0.0", 10200), Address("::", 10200))


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", TOKEN)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")


@asynccontextmanager
async def introduced(
    supervisor: Supervisor, folder: Path, addresses: tuple[Address, ...] = HERE
) -> AsyncIterator[None]:
    plugin = Supervised(plugin_context("supervisor", folder), supervisor.url, wait=0.01)
    (service,) = plugin.kokoro_services(FakeServer(addresses))
    async with service:
        yield


async def known(supervisor: Supervisor) -> None:
    assert await asyncio.to_thread(supervisor.known.wait, 20)
    await asyncio.sleep(0.1)


def test_elsewhere_it_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERVISOR_TOKEN", raising=False)
    with pytest.raises(PluginUnavailable, match="only inside a Home Assistant add-on"):
        Supervised(plugin_context("supervisor", tmp_path))


def test_without_a_port_there_is_nothing_to_tell(tmp_path: Path, token: None) -> None:
    assert list(Supervised(plugin_context("supervisor", tmp_path)).kokoro_services(FakeServer())) == []


async def test_the_supervisor_is_told_once_where_the_server_is(
    tmp_path: Path, token: None, caplog: pytest.LogCaptureFixture
) -> None:
    """By the name that it gave the container, with the add-on's token; and no proxy is asked."""
    caplog.set_level(logging.INFO)
    with supervising() as supervisor:
        async with introduced(supervisor, tmp_path):
            await known(supervisor)
    assert supervisor.messages == {"wyoming": {"uri": f"tcp://{socket.gethostname()}:10200"}}
    assert supervisor.requests == [("POST", "/discovery")]
    assert [(record.levelname, record.name.rpartition(".")[2]) for record in caplog.records] == [("INFO", "supervisor")]
    assert TOKEN not in caplog.text


async def test_what_was_told_stays_when_the_server_stops(tmp_path: Path, token: None) -> None:
    """To withdraw it would have Home Assistant remove what its owner has set up; the next start says the same."""
    with supervising() as supervisor:
        for _ in range(2):
            async with introduced(supervisor, tmp_path):
                await known(supervisor)
            supervisor.known.clear()
    assert supervisor.requests == 2 * [("POST", "/discovery")]


async def test_a_supervisor_in_trouble_is_asked_again(
    tmp_path: Path, token: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Once it is complained of; then it is only tried."""
    caplog.set_level(logging.INFO)
    with supervising(moods=["500", "reset", "502", "reset", "503"]) as supervisor:
        async with introduced(supervisor, tmp_path):
            await known(supervisor)
    assert len(supervisor.requests) == 6
    ours = [record for record in caplog.records if "wyoming" in record.name]
    assert [record.levelname for record in ours] == ["WARNING", "INFO"]
    assert "500: Internal Server Error" in ours[0].getMessage()


async def test_a_supervisor_that_is_not_there_yet(tmp_path: Path, token: None) -> None:
    """Nobody listens: the server starts, speaks and stops all the same."""
    nowhere = Supervisor((), ())
    with socket.create_server(("127.0.0.1", 0)) as free:
        nowhere.url = f"http://127.0.0.1:{free.getsockname()[1]}/discovery"
    before = asyncio.all_tasks()
    async with introduced(nowhere, tmp_path):
        await asyncio.sleep(0.2)
    assert asyncio.all_tasks() == before


async def test_a_supervisor_that_hangs_delays_nothing(tmp_path: Path, token: None) -> None:
    before = asyncio.all_tasks()
    with supervising(moods=["hang"]) as supervisor:
        async with introduced(supervisor, tmp_path):
            assert await asyncio.to_thread(supervisor.asked.wait, 20)
    assert asyncio.all_tasks() == before


async def test_an_answer_is_waited_for_so_long(token: None) -> None:
    with supervising(moods=["hang"]) as supervisor:
        api = await asyncio.to_thread(SupervisorApi, supervisor.url, TOKEN, 0.1)
        with pytest.raises(Unreachable, match="ReadTimeout"):
            await api.discover("tcp://here:10200")
        await api.aclose()


@pytest.mark.parametrize(
    ("services", "secret", "reason"),
    [("mqtt", TOKEN, "403: list services in your config!"), ("wyoming", "another token", "401: Unauthorized")],
)
async def test_a_refusal_is_final_and_says_what_to_do(  # noqa: PLR0917 three of them are fixtures
    services: str,
    secret: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", secret)
    with supervising([services]) as supervisor:
        async with introduced(supervisor, tmp_path):
            await asyncio.sleep(1)
    assert len(supervisor.requests) == 1
    assert supervisor.messages == {}
    (record,) = (record for record in caplog.records if "wyoming" in record.name)
    assert reason in record.getMessage()
    assert "by hand" in record.getMessage()
    assert secret not in caplog.text


# The options


def test_what_the_page_says_stands_before_the_owners_file() -> None:
    options = Options(voice="bf_emma", speed=1.2, phrases=("Dinner is ready.",), devices=(Device("light", "Hall"),))
    own = {
        "voice": {"name": "af_heart", "volume": 2.0},
        "server": {"shutdown_grace_seconds": 3.0},
        "plugins": {"warmup": {"phrases": ["Old."], "learn": False, "devices": {"lock": ["Door"]}}},
    }
    assert configuration(options, own) == {
        "voice": {"name": "bf_emma", "speed": 1.2, "volume": 2.0},
        "server": {"shutdown_grace_seconds": 3.0},
        "plugins": {
            "zeroconf": {"enabled": False},
            "warmup": {
                "phrases": ("Dinner is ready.",),
                "learn": False,
                "devices": {"lock": ["Door"], "light": ["Hall"]},
            },
        },
    }


def test_zeroconf_can_be_had_back() -> None:
    own = {"plugins": {"zeroconf": {"enabled": True}}}
    assert configuration(Options(), own)["plugins"]["zeroconf"] == {"enabled": True}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
said = st.fixed_dictionaries(
    {"voice": texts, "speed": st.floats(0.5, 2.0), "volume": st.floats(0.0, 4.0), "log_level": st.just("debug")},
    optional={
        "phrases": st.lists(texts, max_size=3),
        "areas": st.lists(texts, max_size=3),
        "devices": st.lists(st.fixed_dictionaries({"kind": st.sampled_from(["light", "lock"]), "name": texts})),
        "an option of an older version": texts,
    },
)


@given(options=said)
def test_whatever_is_said_reaches_the_server(
    tmp_path_factory: pytest.TempPathFactory, options: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / "options.json").write_text(json.dumps(options))
    write(folder / "options.json", folder / "none.toml", folder / "config.toml")
    config: Config = load(folder / "config.toml", {}, {})
    assert (config.voice.name, config.voice.speed, config.voice.volume) == (
        options["voice"],
        options["speed"],
        options["volume"],
    )
    assert config.plugins["warmup"].get("phrases", []) == options.get("phrases", [])
    assert config.plugins["warmup"].get("areas", []) == options.get("areas", [])


@pytest.mark.parametrize("text", [None, "", "[]", '{"speed": "fast"}', '{"devices": [{"kind": "light"}]}'])
def test_options_that_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "options.json").write_text(text)
    with pytest.raises(ConfigError, match=r"options\.json: cannot be read .* save the add-on's options again"):
        write(tmp_path / "options.json", tmp_path / "own.toml", tmp_path / "config.toml")
    assert not (tmp_path / "config.toml").exists()


@pytest.mark.parametrize(("text", "reason"), [(b"voice = [", "is not TOML"), (b"\xff", "is not TOML")])
def test_an_owners_file_that_is_broken(tmp_path: Path, text: bytes, reason: str) -> None:
    (tmp_path / "options.json").write_text("{}")
    (tmp_path / "own.toml").write_bytes(text)
    with pytest.raises(ConfigError, match=reason):
        write(tmp_path / "options.json", tmp_path / "own.toml", tmp_path / "config.toml")


START = """\
import sys; from pathlib import Path; from wyoming_kokoro_supervisor import __main__ as addon
addon.OPTIONS, addon.OWN, addon.MADE = (Path(sys.argv[1]) / name for name in ("options.json", "own.toml", "made.toml"))
addon.main()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "SUPERVISOR_TOKEN": TOKEN, "WYOMING_KOKORO_CACHE": str(tmp_path / "cache")}


def test_a_wrong_option_ends_the_add_on_with_one_line(tmp_path: Path, environment: dict[str, str]) -> None:
    """Before a server is started for it, or by the server itself, which has the name of the file."""
    command = [sys.executable, "-c", START, str(tmp_path)]
    for text, reason in (("{", "options.json: cannot be read"), ('{"speed": 9.0}', "made.toml: voice.speed: ")):
        (tmp_path / "options.json").write_text(text)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
        assert done.returncode == 2
        assert done.stderr.startswith(f"wyoming-kokoro: {tmp_path}/{reason}")
        assert done.stderr.count("\n") == 1
