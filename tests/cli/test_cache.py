from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from wyoming.client import AsyncClient
from wyoming.info import Describe, Info

from tests.helpers.servers.server_process import new_cache
from tests.helpers.synthesis.utterances import pcm_of
from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.cli.main import main
from wyoming_kokoro.config import Config, load_config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.lifecycle import open_server
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.speech.tts import TextToSpeech
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.synthesis.managed_model import ManagedModel

pytestmark = pytest.mark.model
TEXT = "The garage door is open."


@pytest.fixture
def file(tmp_path: Path, stages_folder: Path) -> Path:
    """Return a config file with its own cache, in which the model is prepared, and two announcements."""
    cache = new_cache(tmp_path, stages_folder.parents[1])
    file = tmp_path / "config.toml"
    file.write_text(f"""
        directories = {{ cache = "{cache}", state = "{tmp_path / "state"}" }}
        server.uri = "tcp://127.0.0.1:0"
        plugins.zeroconf.enabled = false
        plugins.dashboard.enabled = false
        plugins.openai.enabled = false
        plugins.warmup = {{ phrases = ["Dinner is ready.", "{TEXT}"], home_assistant = false, idle_seconds = 3600 }}
    """)
    return file


@pytest.fixture
def distilled(file: Path) -> Path:
    """Return the file with the quality `distilled`. Then the full model, which takes seconds to open, stays closed."""
    file.write_text(f'{file.read_text()}voice.quality = "distilled"\n')
    return file


@pytest.fixture
def configured(file: Path) -> Config:
    return load_config(file, {}, {})


@pytest.fixture
def plugins(configured: Config) -> PluginManager:
    return PluginManager.load(configured)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Return an event; models open only after it is set."""
    event, real = threading.Event(), ModelLoader.open

    def late(opener: ModelLoader) -> ManagedModel:
        event.wait(60)
        return real(opener)

    monkeypatch.setattr(ModelLoader, "open", late)
    yield event
    event.set()


def run(capsys: pytest.CaptureFixture[str], file: Path, *arguments: str) -> str:
    assert main(["--config", str(file), *arguments]) == 0
    return capsys.readouterr().out


async def synthesize(tts: TextToSpeech, text: str) -> bytes:
    return await pcm_of(tts.utterance(), text)


def test_say_fills_the_cache_which_is_counted_listed_and_cleared(
    capsys: pytest.CaptureFixture[str], distilled: Path, tmp_path: Path
) -> None:
    wav = [tmp_path / f"{number}.wav" for number in (1, 2)]
    for path in wav:
        run(capsys, distilled, "say", TEXT, "--output", str(path))
    assert wav[0].read_bytes() == wav[1].read_bytes()
    stats = json.loads(run(capsys, distilled, "cache", "stats", "--json"))
    assert (stats["phrases"], stats["hits"], stats["misses"]) == (1, 1, 1)
    assert "hit rate 50% of 2 lookups" in run(capsys, distilled, "cache", "stats")
    (phrase,) = json.loads(run(capsys, distilled, "cache", "list", "--json"))
    assert (phrase["voice"], phrase["uses"]) == ("af_heart", 1)
    listing = run(capsys, distilled, "cache", "list")
    assert phrase["digest"] in listing
    assert "garage" not in listing
    assert run(capsys, distilled, "cache", "clear") == "Removed 1 phrases.\n"
    assert run(capsys, distilled, "cache", "clear", "--learned").startswith(
        "Removed 0 phrases and what warmup had learned"
    )
    assert json.loads(run(capsys, distilled, "cache", "stats", "--json"))["phrases"] == 0


def test_warm_synthesizes_announcements_and_check_counts_them(
    capsys: pytest.CaptureFixture[str], distilled: Path
) -> None:
    before = json.loads(run(capsys, distilled, "check", "--json"))
    assert set(before["warmup"].values()) == {"0 of 2 phrases are cached", "0 of 0 phrases are cached"}
    assert "2 phrases" in run(capsys, distilled, "cache", "warm")
    after = json.loads(run(capsys, distilled, "check", "--json"))
    assert "2 of 2 phrases are cached" in after["warmup"].values()
    assert run(capsys, distilled, "cache", "warm").startswith("Synthesized 0 s of speech in 0 s.")
    moments = list(after["startup_seconds"])
    assert moments.index("listening") < moments.index("describe answered") < moments.index("ready")
    assert "cache ready" in moments


def test_warm_without_a_cache_is_an_error(capsys: pytest.CaptureFixture[str], distilled: Path) -> None:
    distilled.write_text(distilled.read_text() + "plugins.phrase_cache.enabled = false\n")
    assert main(["--config", str(distilled), "cache", "warm"]) == 1
    assert "enable the plugin phrase_cache" in capsys.readouterr().err
    assert "nowhere" in run(capsys, distilled, "cache", "stats")


async def test_cached_phrase_is_played_before_the_model_is_open(
    configured: Config, plugins: PluginManager, held: threading.Event
) -> None:
    """A phrase that is not cached waits for the model."""
    held.set()
    async with open_backend(configured, plugins) as backend:
        first = await synthesize(backend.tts, TEXT)
    held.clear()
    async with open_backend(configured, plugins) as backend:
        assert await synthesize(backend.tts, TEXT) == first
        assert not backend.models.is_ready
        held.set()
        assert len(await synthesize(backend.tts, "And this is new.")) > 20_000


async def test_describe_is_answered_before_the_model_is_open(
    configured: Config, plugins: PluginManager, held: threading.Event
) -> None:
    async with open_server(configured, plugins, await asyncio.to_thread(StartupTimeline)) as server:
        async with AsyncClient.from_uri(f"tcp://127.0.0.1:{server.addresses[0].port}") as client:
            await client.write_event(Describe().event())
            answer = await client.read_event()
        assert answer
        assert Info.from_event(answer).tts[0].voices
        assert not server.backend.models.is_ready
        held.set()
        await server.backend.open_model()
