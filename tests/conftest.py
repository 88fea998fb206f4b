"""What every test gets: a clean environment, a loop that is never blocked, the real model made once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

from wyoming_kokoro.api.providers import Provider, SessionOptions
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.fingerprint import recipe_digest
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.onnx import open_onnx
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.storage import sha256_of

settings.register_profile("steady", deadline=None)  # how long an example takes is no matter of right or wrong
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """A shell that starts a program in the background has it ignore Ctrl-C, and all that it starts in turn."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's owner is read or written."""
    for name in [name for name in os.environ if name.startswith("WYOMING_KOKORO_")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / f"xdg-{kind.lower()}"))


@pytest.fixture(autouse=True)
def unblocked_loop() -> Iterator[None]:
    """A call from our own code that blocks the event loop fails the test."""
    with blockbuster_ctx(["wyoming_kokoro"]):
        yield


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No test leaves a thread behind; those of a module's fixtures may stay."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), f"the thread {thread.name} is left"


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache directory for the whole session, so that the model is joined once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def config(model_cache: Path, tmp_path: Path) -> Config:
    """The defaults on the real model, on a free port, announced to nobody, with what is always installed.

    Everything that is said is made.
    """
    config = Config(directories=Directories(str(model_cache), str(tmp_path / "state")))
    kept_out = ("zeroconf", "dashboard", "phrase_cache", "warmup", "misaki")
    off = {name: {"enabled": False} for name in kept_out}
    return replace(config, server=replace(config.server, uri="tcp://127.0.0.1:0"), plugins=off)


@pytest.fixture(scope="session")
def stages_folder(model_cache: Path) -> Path:
    """The default model, prepared once for the session."""
    config = Config(directories=Directories(str(model_cache)))
    files, _ = find_files(config, PluginManager.load(config))
    return prepare_stages(files.model, sha256_of(files.model), recipe_digest(), model_cache)


@pytest.fixture(scope="session")
def stages(stages_folder: Path) -> Iterator[ModelPipeline]:
    """The prepared stages, opened on the processor."""
    provider = Provider("cpu", 1, "float", lambda file, options: open_onnx(file, ["CPUExecutionProvider"], options))
    opened = ModelPipeline(stages_folder, [provider], SessionOptions(2, stages_folder))
    yield opened
    opened.close()
