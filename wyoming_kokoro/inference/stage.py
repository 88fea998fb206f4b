"""A stage of the model on the provider that is chosen, of those that work."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.api.observations import AcceleratorShare, Inference, ProviderSwitched
from wyoming_kokoro.api.providers import (
    DevicePlacement,
    Provider,
    Session,
    SessionOptions,
    shrink,
)
from wyoming_kokoro.errors import StartupError, SynthesisFailed
from wyoming_kokoro.inference.selection import ProviderSelector, ProviderTiming
from wyoming_kokoro.model.manifest import NEXT
from wyoming_kokoro.types import Array, ignore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A provider that is open."""

    provider: Provider
    session: Session
    window_seconds: Mapping[int, float] = field(default_factory=dict)
    """How long a window takes, as measured, by its size."""
    window: int = 0
    """The size of the only windows that it runs; 0 when it runs any."""
    placement: DevicePlacement | None = None
    """Where its work is done, where that is known."""

    def supports(self, window: int) -> bool:
        """Return whether windows of this size can be run; 0 is for whole segments."""
        return self.window in (0, window)

    def timing(self, window: int) -> ProviderTiming:
        """Return what is known for windows of this size, by those of the nearest that was measured."""
        if not window or not self.window_seconds:
            return ProviderTiming(self.provider)
        nearest = min(self.window_seconds, key=lambda size: abs(size - window))
        return ProviderTiming(self.provider, self.window_seconds[nearest] * window / nearest)


StageObserver = Callable[[Inference | ProviderSwitched | AcceleratorShare], object]
"""Receives observations on the thread that runs the stage. Must not raise."""

WindowSize = Callable[[Mapping[str, Array]], int]
"""Returns the size of the window that a stage is fed; 0 for a whole segment."""


def any_length(_: Mapping[str, Array]) -> int:
    """Return 0, for a whole segment."""
    return 0


def window_frames(feeds: Mapping[str, Array]) -> int:
    """Return the frames of a window of the vocoder."""
    return int(feeds["frames"].shape[-1])


class Stage:
    """Runs one ONNX file. When a provider fails, the run is done by another, and nothing is lost."""

    def __init__(
        self,
        file: Path,
        providers: Sequence[Provider],
        options: SessionOptions,
        *,
        selector: ProviderSelector | None = None,
        observe: StageObserver = ignore,
        window_size: WindowSize = any_length,
    ) -> None:
        """Open `file` with the first of `providers` that opens promptly. Raises `StartupError` when none does."""
        self.name = file.name.partition(".")[0]
        self._file = file
        self._untried = [provider for provider in providers if opens_at_startup(provider)]
        self._options = options
        self._selector = selector or ProviderSelector()
        self._observe = observe
        self._window_size = window_size
        self._in_use: dict[int, str] = {}
        self._placed: set[tuple[str, int]] = set()
        self._blamed: set[str] = set()
        self._open_sessions: tuple[OpenSession, ...] = (self._open_next(),)

    @property
    def open_sessions(self) -> Sequence[OpenSession]:
        """The providers that are open, the one of the highest rank first."""
        return self._open_sessions

    @property
    def precision(self) -> str:
        """The precision classes of the providers in use."""
        in_use = {
            item.provider.precision for item in self._open_sessions if item.provider.name in self._in_use.values()
        }
        return "+".join(sorted(in_use)) or self._open_sessions[0].provider.precision

    @property
    def status(self) -> StageStatus:
        """Who runs the stage. From any thread."""
        return StageStatus(self.name, dict(self._in_use), tuple(item.provider.name for item in self._open_sessions))

    def instrumented(self, item: OpenSession) -> InstrumentedSession:
        """Return what runs the stage on `item`, which may not be adopted: every run of it is told."""
        return InstrumentedSession(self.name, item, self._window_size, self._observe)

    def add_session(self, item: OpenSession) -> None:
        """Let `item` be chosen from now on, in the place of an earlier session of its provider. From any thread."""
        others = [other for other in self._open_sessions if _place(other) != _place(item)]
        self._open_sessions = tuple(sorted([*others, item], key=lambda other: -other.provider.priority))

    def remove_session(self, provider: str, window: int = 0) -> None:
        """Let a provider not be chosen any more. From any thread; its session is the caller's to close.

        `window` is the size of the only windows that it was adopted for, 0 when it was for any.
        """
        self._open_sessions = tuple(item for item in self._open_sessions if _place(item) != (provider, window))

    def selected_provider(self, window: int) -> Provider:
        """Return the provider that is chosen for a window of this size."""
        return self._select(window, self._open_sessions).provider

    def would_select(self, provider: Provider, window: int, seconds: float | None) -> bool:
        """Return whether `provider` would be chosen for windows of this size if it were open and that fast."""
        others = [item for item in self._open_sessions if item.provider.name != provider.name and item.supports(window)]
        measurements = [item.timing(window) for item in others] + [ProviderTiming(provider, seconds)]
        measurements.sort(key=lambda item: -item.provider.priority)
        return self._selector.select(self.name, window, measurements).name == provider.name

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Run the stage. Raises what the last provider raises when every provider fails."""
        window = self._window_size(feeds)
        left = self._open_sessions
        while True:
            item = self._select(window, left)
            try:
                return self._run_session(item, window, feeds)
            except Exception as error:  # noqa: BLE001 a provider may fail in any way; another does the run
                self._record_failure(item.provider.name, window, error)
                left = tuple(other for other in left if other is not item)
                left = left or (self._replace_failed(error),)

    def shrink(self) -> None:
        """Have the next run of each provider give back what it can do without. From any thread."""
        for item in self._open_sessions:
            shrink(item.session)

    def remove_unused(self, windows: Sequence[int]) -> list[Session]:
        """Let no provider be chosen any more that would run none of `windows`; return their sessions, to be closed.

        One that spoke from the start stays: it is the one that others are replaced by.
        """
        wanted = {self.selected_provider(window).name for window in windows}
        idle = [
            item
            for item in self._open_sessions
            if not (item.provider.name in wanted or opens_at_startup(item.provider))
        ]
        for item in idle:
            self.remove_session(item.provider.name, item.window)
        return [item.session for item in idle]

    def close(self) -> None:
        """Give back the stage's memory."""
        for item in self._open_sessions:
            item.session.close()

    def _run_session(self, item: OpenSession, window: int, feeds: Mapping[str, Array]) -> dict[str, Array]:
        begun = time.perf_counter()
        outputs = item.session.run(feeds)
        if not all(np.isfinite(output).all() for name, output in outputs.items() if not name.endswith(NEXT)):
            raise SynthesisFailed("the model gave no audio for this text; try another provider")
        seconds = time.perf_counter() - begun
        self._record_run(Inference(self.name, window, item.provider.name, seconds))
        self._record_provider(item, window)
        return outputs

    def _select(self, window: int, among: Sequence[OpenSession]) -> OpenSession:
        among = [item for item in among if item.supports(window)] or among
        measurements = [item.timing(window) for item in among]
        chosen = self._selector.select(self.name, window, measurements)
        return next(item for item in among if item.provider.name == chosen.name)

    def _record_provider(self, item: OpenSession, window: int) -> None:
        name, before = item.provider.name, self._in_use.get(window)
        self._in_use[window] = name
        if before not in (None, name):
            log.info("%s, windows of %d: %s takes over from %s", self.name, window, name, before)
            self._observe(ProviderSwitched(self.name, window, str(before), name))
        if item.placement and (name, window) not in self._placed:
            self._placed.add((name, window))
            placed = item.placement
            self._observe(AcceleratorShare(self.name, window, name, placed.device, placed.share))

    def _record_failure(self, provider: str, window: int, error: Exception) -> None:
        level = logging.DEBUG if provider in self._blamed else logging.WARNING
        log.log(level, "Provider %s failed on %s (%s)", provider, self._file.name, error)
        self._blamed.add(provider)
        self._record_run(Inference(self.name, window, provider, None))

    def _record_run(self, run: Inference) -> None:
        self._selector.record(run)
        self._observe(run)

    def _replace_failed(self, error: Exception) -> OpenSession:
        """Open the next provider in the place of all that failed, for good; raise `error` when there is none."""
        if not self._untried:
            raise error
        failed = self._open_sessions
        try:
            self._open_sessions = (self._open_next(),)
        except StartupError:
            raise error from None
        for item in failed:
            item.session.close()
        return self._open_sessions[0]

    def _open_next(self) -> OpenSession:
        reasons = []
        while self._untried:
            provider = self._untried.pop(0)
            try:
                session = provider.open(precision_variant(self._file, provider), self._options)
            except Exception as error:  # noqa: BLE001 a provider may fail in any way; the next one is tried
                reasons.append(f"{provider.name}: {error}")
                log.warning("Provider %s cannot open %s: %s", provider.name, self._file.name, error)
            else:
                log.info("%s runs on %s", precision_variant(self._file, provider).name, provider.name)
                return OpenSession(provider, session)
        why = "; ".join(reasons) or "none is usable: see `wyoming-kokoro plugins`"
        raise StartupError(f"no provider can open {self._file} ({why})")


class InstrumentedSession:
    """An open provider that does the work of a stage outside of it; of every run is told."""

    def __init__(self, stage: str, item: OpenSession, window_size: WindowSize, observe: StageObserver) -> None:
        self._stage = stage
        self._item = item
        self._window_size = window_size
        self._observe = observe

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name. Raises what the session raises."""
        begun = time.perf_counter()
        seconds = None
        try:
            outputs = self._item.session.run(feeds)
            seconds = time.perf_counter() - begun
        finally:
            self._observe(Inference(self._stage, self._window_size(feeds), self._item.provider.name, seconds))
        return outputs


def opens_at_startup(provider: Provider) -> bool:
    """Return whether a provider may be opened on the way to ready."""
    return provider.unavailable_reason is None and provider.opens_quickly and not provider.fixed_shapes


def _place(item: OpenSession) -> tuple[str, int]:
    return item.provider.name, item.window


def precision_variant(file: Path, provider: Provider) -> Path:
    """Return the form of `file` in the precision of `provider`, where it was prepared in that."""
    made = file.with_suffix(f".{provider.precision}.onnx")
    return made if made.is_file() else file
