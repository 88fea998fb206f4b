"""Fixtures of all tests: a clean environment, checks after each test, and the prepared model."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

from tests.helpers.synthesis.cpu_sessions import open_on_cpu
from wyoming_kokoro.api.providers import Provider, SessionOptions
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.fingerprint import recipe_digest
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.scheduling.scheduler import Scheduler
from wyoming_kokoro.storage import sha256_of

# Every run has the same examples, so a failure comes from the change. `--hypothesis-profile=random` looks for more.
# Examples take longer on a loaded machine, which is not an error.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None)
settings.load_profile("repeatable")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes: one more than CPUs, because a third of the time tests wait for other programs."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True, scope="session")
def default_sigint_handler() -> None:
    """Restore the handling of SIGINT. A shell lets its background programs, and their children, ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep tests away from the settings and folders of the user."""
    for name in [name for name in os.environ if name.startswith("WYOMING_KOKORO_")]:
        monkeypatch.delenv(name)
    # The programs that tests start would compile our modules at each start, which takes 0.2 s.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    for kind in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / f"xdg-{kind.lower()}"))


@pytest.fixture(autouse=True)
def same_working_directory() -> Iterator[None]:
    """Fail a test that leaves another working directory. Later tests of the same process would run in it."""
    before = Path.cwd()
    yield
    assert Path.cwd() == before


@pytest.fixture(autouse=True)
def no_blocked_loop() -> Iterator[None]:
    """Fail a test in which our code blocks the event loop."""
    with blockbuster_ctx(["wyoming_kokoro"]):
        yield


@pytest.fixture(autouse=True)
def no_remaining_threads() -> Iterator[None]:
    """Fail a test that leaves a thread. Threads of module and session fixtures may stay."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive(), f"the thread {thread.name} is left"


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The temporary folder of this run. All pytest-xdist workers share it."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def model_cache(session_folder: Path) -> Path:
    """The cache directory of this run. The first test that needs the model prepares it there."""
    folder = session_folder / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def config(model_cache: Path, tmp_path: Path) -> Config:
    """The default settings on a free port, without plugins that announce, cache, predict or may be missing."""
    config = Config(directories=Directories(str(model_cache), str(tmp_path / "state")))
    disabled = ("zeroconf", "dashboard", "openai", "phrase_cache", "warmup")
    plugins = {name: {"enabled": False} for name in disabled}
    # The full model in each test: with "auto", the speed of the machine would decide which model speaks.
    voice = replace(config.voice, quality="full")
    return replace(config, server=replace(config.server, uri="tcp://127.0.0.1:0"), voice=voice, plugins=plugins)


@pytest.fixture(scope="session")
def stages_folder(model_cache: Path) -> Path:
    """The folder with the prepared stages of the default model."""
    config = Config(directories=Directories(str(model_cache)))
    files, _ = find_files(config, PluginManager.load(config))
    # A file lock makes the other workers wait for the first one.
    return prepare_stages(files.model, sha256_of(files.model), recipe_digest(), model_cache)


@pytest.fixture(scope="session")
def stages(stages_folder: Path) -> Iterator[ModelPipeline]:
    """The prepared stages, opened on the CPU."""
    provider = Provider("cpu", 1, "float", open_on_cpu)
    pipeline = ModelPipeline(stages_folder, [provider], SessionOptions(2, stages_folder))
    yield pipeline
    pipeline.close()


@pytest.fixture
def patient_trials(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a session take long, unless it hangs. On a loaded machine, one that works may get no CPU for seconds."""
    monkeypatch.setattr("wyoming_kokoro.trials.runner.TIMEOUT_SECONDS", 60.0)
    if "[hang]" not in request.node.name:
        monkeypatch.setattr("wyoming_kokoro.inference.stage.MIN_LATE_SECONDS", 60.0)


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    async with Scheduler() as scheduler:
        yield scheduler
