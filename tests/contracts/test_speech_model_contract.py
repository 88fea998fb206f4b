from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wyoming_kokoro.api.memory import MemoryPressure
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.inference.memory_state import MemoryState
from wyoming_kokoro.inference.pacing import PlaybackPacer
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.scheduling.capacity_file import CapacityFile
from wyoming_kokoro.scheduling.costs import UnitCosts
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.synthesis.full_model import FullModel
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.testing import FakeSpeechModel, check_speech_model
from wyoming_kokoro.types import ignore


def test_fake_model_fulfils_the_contract() -> None:
    check_speech_model(FakeSpeechModel("small", "distilled", ["af_heart"]))


@pytest.mark.slow  # takes 10 s, and the distilled model passes the same checks
@pytest.mark.model
def test_full_model_fulfils_the_contract(model_cache: Path, tmp_path: Path) -> None:
    plugins = PluginManager.load(Config(directories=Directories(str(model_cache))))
    files, styles = find_files(Config(directories=Directories(str(model_cache))), plugins)
    memory_state = MemoryState()
    memory_state.update(MemoryPressure("raised", "keeps all windows equally long"))
    loader = ModelLoader(
        files=files,
        styles=styles,
        blends={},
        providers=[replace(provider, opens_quickly=True) for provider in plugins.providers() if provider.name == "cpu"],
        selector=ProviderSelector(""),
        observe=ignore,
        threads=1,
        cache_dir=model_cache,
        pacer=PlaybackPacer(lambda: 0, lambda: None, memory_state, UnitCosts()),
        memory_state=memory_state,
        capacity=CapacityFile(tmp_path, {}, ""),
        on_ready=ignore,
    )
    check_speech_model(FullModel(loader), max_unit_seconds=None)


class BrokenModel(FakeSpeechModel):
    """Breaks one promise."""

    def __init__(self, problem: str) -> None:
        super().__init__("broken", "distilled", ["af_heart"])
        self._problem = problem
        self._count = 0

    def open(self) -> None:
        if self._problem == "fingerprint":
            self.fingerprint = "other"

    def synthesize(self, phonemes: str, voice: str, speed: float) -> UnitIterator:
        self._count += 1
        known = "af_heart" if self._problem == "voice" else voice
        spoken_speed = {"slow": min(speed, 1.0), "fast": max(speed, 1.0)}.get(self._problem, speed)
        for unit in super().synthesize(phonemes, known, spoken_speed):
            match self._problem:
                case "float":
                    yield unit.astype(np.float32)
                case "noise":
                    yield unit + np.int16(self._count)
                case "unit":
                    yield np.tile(unit, 100)
                case "silent":
                    yield unit * np.int16(0)
                case "nothing":
                    yield unit[:0]
                case _:
                    yield unit

    def close(self) -> None:
        if self._problem == "close" and self._count < 0:
            raise RuntimeError("closed already")
        self._count = -1


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("float", "yields float32 with 1 axes"),
        ("noise", "gives other samples for the same arguments"),
        ("unit", "yields 5.0 s in one unit"),
        ("slow", "takes 1.00 of the time at speed 2 instead of about 0.50"),
        ("fast", "takes 1.00 of the time at speed 0.7 instead of about 1.43"),
        ("silent", "is silent"),
        ("nothing", "yields no samples"),
        ("voice", "speaks with a voice that it does not have"),
        ("fingerprint", "changes its fingerprint when it opens"),
        ("close", "cannot be closed twice"),
    ],
)
def test_broken_promise_is_named(problem: str, message: str) -> None:
    with pytest.raises(AssertionError, match=f"the speech model broken {message}"):
        check_speech_model(BrokenModel(problem))
