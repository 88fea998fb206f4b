"""Fake sessions, selectors and observers for stages."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wyoming_kokoro import Array, Provider, Session, SessionOptions
from wyoming_kokoro.api.observations import AcceleratorShare, Inference, ProviderSwitched
from wyoming_kokoro.inference.selection import ProviderSelector, ProviderTiming
from wyoming_kokoro.inference.stage import (
    OpenSession,
    OutputShapes,
    Stage,
    StageObserver,
    any_shapes,
    window_frames,
)
from wyoming_kokoro.model.manifest import BEGIN_INPUT, WINDOW_FRAMES
from wyoming_kokoro.types import ignore


class ConstantSession:
    """A session whose output is a number."""

    def __init__(self, number: float = 0) -> None:
        self.number = number
        self.is_closed = False

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return {"out": np.array([self.number])}

    def close(self) -> None:
        self.is_closed = True


class FailingSession(ConstantSession):
    """A session that works `number` times and then fails."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self.number -= 1
        if self.number < 0:
            raise RuntimeError("error code -1")
        return super().run(feeds)


class EchoSession(ConstantSession):
    """A session that returns its feeds."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return dict(feeds)


class FakeDevice:
    """A session that hangs while `can_answer` is not set."""

    def __init__(self) -> None:
        self.can_answer = threading.Event()
        self.can_answer.set()
        self.has_begun = threading.Event()
        self.threads: list[threading.Thread] = []
        self.is_closed = False

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        self.threads.append(threading.current_thread())
        self.has_begun.set()
        self.can_answer.wait()
        if not feeds:
            raise RuntimeError("error code -1")
        return {name: 2 * array for name, array in feeds.items()}

    def close(self) -> None:
        assert self.can_answer.is_set(), "a session that hangs cannot be closed"
        self.is_closed = True


class FakeSelector(ProviderSelector):
    """Selects the provider `wanted` where it is open, and records selections and runs."""

    def __init__(self, wanted: str = "") -> None:
        super().__init__()
        self.wanted = wanted
        self.selections: list[tuple[str, int, dict[str, float | None]]] = []
        self.runs: list[Inference] = []

    def select(self, stage: str, window: int, timings: Sequence[ProviderTiming]) -> Provider:
        self.selections.append((stage, window, {item.provider.name: item.seconds for item in timings}))
        named = (item.provider for item in timings if item.provider.name == self.wanted)
        return next(named, timings[0].provider)

    def record(self, run: Inference) -> None:
        self.runs.append(run)


def provider(name: str, session: Session | None = None, priority: int = 1, **more: object) -> Provider:
    """Return a provider that opens `session`."""
    return Provider(name, priority, "float", lambda *_: session or ConstantSession(), **more)  # type: ignore[arg-type]


def open_session(
    name: str, session: Session | None = None, seconds: float | None = None, priority: int = 1
) -> OpenSession:
    """Return a session of a new provider, with the measured seconds of one window."""
    return OpenSession(
        provider(name, priority=priority), session or ConstantSession(), {WINDOW_FRAMES: seconds} if seconds else {}
    )


def stage(
    folder: Path,
    *providers: Provider,
    name: str = "vocoder.onnx",
    selector: ProviderSelector | None = None,
    observe: StageObserver = ignore,
    output_shapes: OutputShapes = any_shapes,
) -> Stage:
    return Stage(
        folder / name,
        providers,
        SessionOptions(1, folder),
        selector=selector,
        observe=observe,
        window_size=frames_or_zero,
        output_shapes=output_shapes,
    )


def frames_or_zero(feeds: Mapping[str, Array]) -> int:
    """Return the frames of a window, or 0 for a whole segment."""
    return window_frames(feeds) if BEGIN_INPUT in feeds else 0


def window_feeds(frames: int) -> dict[str, Array]:
    """Return the feeds of a window with this number of frames."""
    return {"frames": np.zeros((1, 2, 1, frames), dtype=np.float32), BEGIN_INPUT: np.array([1])}


class ObservedChanges(list[ProviderSwitched | AcceleratorShare]):
    """Collects every observation of a stage except the runs."""

    def __call__(self, observation: Inference | ProviderSwitched | AcceleratorShare) -> None:
        if not isinstance(observation, Inference):
            self.append(observation)
