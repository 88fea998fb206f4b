"""Sessions that do as they are told, for stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wyoming_kokoro import Array, Provider, Session, SessionOptions
from wyoming_kokoro.api.observations import AcceleratorShare, Inference, ProviderSwitched
from wyoming_kokoro.inference.selection import ProviderSelector, ProviderTiming
from wyoming_kokoro.inference.stage import OpenSession, Stage, StageObserver, window_frames
from wyoming_kokoro.model.manifest import BEGIN_INPUT, WINDOW
from wyoming_kokoro.types import ignore


class Answering:
    """A session that answers with a number."""

    def __init__(self, number: float = 0) -> None:
        self.number = number
        self.is_closed = False

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return {"out": np.array([self.number])}

    def close(self) -> None:
        self.is_closed = True


class Failing(Answering):
    """A session that works so many times and then fails."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self.number -= 1
        if self.number < 0:
            raise RuntimeError("error code -1")
        return super().run(feeds)


class Echoing(Answering):
    """A session that answers with what it is fed."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return dict(feeds)


class FakeSelector(ProviderSelector):
    """Selects the provider `wanted` where it is open, and records the questions and runs."""

    def __init__(self, wanted: str = "") -> None:
        super().__init__()
        self.wanted = wanted
        self.questions: list[tuple[str, int, dict[str, float | None]]] = []
        self.runs: list[Inference] = []

    def select(self, stage: str, window: int, timings: Sequence[ProviderTiming]) -> Provider:
        self.questions.append((stage, window, {item.provider.name: item.seconds for item in timings}))
        named = (item.provider for item in timings if item.provider.name == self.wanted)
        return next(named, timings[0].provider)

    def record(self, run: Inference) -> None:
        self.runs.append(run)


def provider(name: str, session: Session | None = None, rank: int = 1, **more: object) -> Provider:
    """Return a provider that opens `session`."""
    return Provider(name, rank, "float", lambda *_: session or Answering(), **more)  # type: ignore[arg-type]


def opened(name: str, session: Session | None = None, seconds: float | None = None, rank: int = 1) -> OpenSession:
    """Return a provider of its own that is open."""
    return OpenSession(provider(name, rank=rank), session or Answering(), {WINDOW: seconds} if seconds else {})


def stage(
    folder: Path,
    *providers: Provider,
    name: str = "vocoder.onnx",
    selector: ProviderSelector | None = None,
    observe: StageObserver = ignore,
) -> Stage:
    """Return a stage on `providers`."""
    return Stage(
        folder / name,
        providers,
        SessionOptions(1, folder),
        selector=selector,
        observe=observe,
        window_size=frames_or_none,
    )


def frames_or_none(feeds: Mapping[str, Array]) -> int:
    """Return the frames of what is fed, if it is a window."""
    return window_frames(feeds) if BEGIN_INPUT in feeds else 0


def fed(frames: int) -> dict[str, Array]:
    """Return what a window of so many frames is fed."""
    return {"frames": np.zeros((1, 2, 1, frames), dtype=np.float32), BEGIN_INPUT: np.array([1])}


class ObservedChanges(list[ProviderSwitched | AcceleratorShare]):
    """Collects every observation of a stage except the runs."""

    def __call__(self, observation: Inference | ProviderSwitched | AcceleratorShare) -> None:
        if not isinstance(observation, Inference):
            self.append(observation)
