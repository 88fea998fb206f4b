"""Runs a stage of the model on the selected provider, and on another one when that fails."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.api.observations import AcceleratorShare, Inference, ProviderSwitched
from wyoming_kokoro.api.providers import DevicePlacement, Provider, Session, SessionOptions, shrink
from wyoming_kokoro.errors import StartupError, SynthesisFailed
from wyoming_kokoro.inference.process_session import open_session
from wyoming_kokoro.inference.selection import ProviderSelector, ProviderTiming
from wyoming_kokoro.inference.timeout_session import SessionLate, TimeoutSession, restart
from wyoming_kokoro.types import Array, Shape, ignore

MIN_LATE_SECONDS = 0.2
"""A run that takes longer is late, and another provider repeats it. This is the price of a provider that hangs."""
LATE_RATIO = 2.0
"""A run is not late before it takes this many times as long as recent runs of any provider: a machine may be busy."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of a provider, and what is known about it."""

    provider: Provider
    session: Session
    window_seconds: Mapping[int, float] = field(default_factory=dict)
    """The measured seconds of one window, by window size."""
    window: int = 0
    """The only window size that it runs; 0 if it runs any."""
    placement: DevicePlacement | None = None

    def supports(self, window: int) -> bool:
        """Return whether the session runs windows of this size; 0 stands for whole segments."""
        return self.window in (0, window)

    def timing(self, window: int) -> ProviderTiming:
        """Return the expected time of a window, scaled from the nearest size that was measured."""
        if not window or not self.window_seconds:
            return ProviderTiming(self.provider)
        nearest = min(self.window_seconds, key=lambda size: abs(size - window))
        return ProviderTiming(self.provider, self.window_seconds[nearest] * window / nearest)

    @property
    def is_late(self) -> bool:
        """Whether the session still owes the answer of an earlier run."""
        return isinstance(self.session, TimeoutSession) and self.session.is_late


StageObserver = Callable[[Inference | ProviderSwitched | AcceleratorShare], object]
"""Receives observations on the thread that runs the stage. Must not raise."""

WindowSize = Callable[[Mapping[str, Array]], int]
"""Returns the window size of the feeds of a stage; 0 for a whole segment."""


OutputShapes = Callable[[Mapping[str, Array]], Mapping[str, Shape]]
"""Returns the shapes of outputs for the feeds of a stage."""


def any_shapes(_: Mapping[str, Array]) -> Mapping[str, Shape]:
    """Return no shape: those of the outputs depend on the text."""
    return {}


def any_length(_: Mapping[str, Array]) -> int:
    """Return 0: the stage runs whole segments."""
    return 0


def window_frames(feeds: Mapping[str, Array]) -> int:
    """Return the number of frames in a window of the vocoder."""
    return int(feeds["frames"].shape[-1])


class Stage:
    """Runs one ONNX file. When a provider fails or is late, another one repeats the run."""

    def __init__(
        self,
        file: Path,
        providers: Sequence[Provider],
        options: SessionOptions,
        *,
        selector: ProviderSelector | None = None,
        observe: StageObserver = ignore,
        window_size: WindowSize = any_length,
        output_shapes: OutputShapes = any_shapes,
    ) -> None:
        """Open `file` on the first of `providers` that works and opens quickly. Raises `StartupError` if none does."""
        self.name = file.name.partition(".")[0]
        self._file = file
        self._untried = [provider for provider in providers if opens_at_startup(provider)]
        self._options = options
        self._selector = selector or ProviderSelector()
        self._observe = observe
        self._window_size = window_size
        self._output_shapes = output_shapes
        self._in_use: dict[int, str] = {}
        self._observed_placements: set[tuple[str, int]] = set()
        self._warned: set[str] = set()
        self._recent_seconds: dict[int, float] = {}
        """The longest of recent runs, by window size. A run counts half as much with each later one."""
        self._open_sessions: tuple[OpenSession, ...] = (self._open_next(),)

    @property
    def open_sessions(self) -> Sequence[OpenSession]:
        """The open providers, highest priority first."""
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
        """The providers that are open and in use. From any thread."""
        return StageStatus(self.name, dict(self._in_use), tuple(item.provider.name for item in self._open_sessions))

    def instrumented(self, item: OpenSession) -> InstrumentedSession:
        """Return a wrapper that runs `item`, added or not, and reports every run to the observer."""
        return InstrumentedSession(self.name, item, self._window_size, self._observe)

    def add_session(self, item: OpenSession) -> None:
        """Add `item` to the selection. It replaces a session of the same provider and window. From any thread."""
        others = [other for other in self._open_sessions if _key(other) != _key(item)]
        self._open_sessions = tuple(sorted([*others, item], key=lambda other: -other.provider.priority))

    def remove_session(self, provider: str, window: int = 0) -> None:
        """Remove a session from the selection. From any thread; the caller closes the session.

        `window` is that of the `OpenSession`.
        """
        self._open_sessions = tuple(item for item in self._open_sessions if _key(item) != (provider, window))

    def selected_provider(self, window: int) -> Provider:
        """Return the provider that would run the next window of this size."""
        return self._select(window, self._open_sessions).provider

    def would_select(self, provider: Provider, window: int, seconds: float | None) -> bool:
        """Return whether `provider` would be selected for this window size if it were open and took `seconds`."""
        others = [item for item in self._open_sessions if item.provider.name != provider.name and item.supports(window)]
        timings = [item.timing(window) for item in others] + [ProviderTiming(provider, seconds)]
        timings.sort(key=lambda item: -item.provider.priority)
        return self._selector.select(self.name, window, timings).name == provider.name

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name. Raises the error of the last provider if all fail."""
        window = self._window_size(feeds)
        remaining = tuple(item for item in self._open_sessions if not item.is_late) or self._open_sessions
        while True:
            item = self._select(window, remaining)
            others = tuple(other for other in remaining if other is not item)
            can_repeat = any(other.supports(window) for other in others)
            try:
                return self._run_session(item, window, feeds, can_repeat=can_repeat)
            except SessionLate as error:
                self._record_late(item.provider.name, window, error)
                remaining = others
            except Exception as error:  # noqa: BLE001 a provider may fail in any way; another one repeats the run
                self._record_failure(item.provider.name, window, error)
                restart(item.session)
                remaining = others or (self._replace_failed(error),)

    def shrink(self) -> None:
        """Make the next run of each session free its spare memory. From any thread."""
        for item in self._open_sessions:
            shrink(item.session)

    def remove_unused(self, windows: Sequence[int]) -> list[Session]:
        """Remove the providers that would run none of `windows`; return their sessions, for the caller to close.

        A provider that opens at startup stays, because it takes over when others fail.
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
        """Close all sessions."""
        for item in self._open_sessions:
            item.session.close()

    def _run_session(
        self, item: OpenSession, window: int, feeds: Mapping[str, Array], *, can_repeat: bool
    ) -> dict[str, Array]:
        started_at, recent = time.perf_counter(), self._recent_seconds.get(window, 0.0)
        if can_repeat and isinstance(item.session, TimeoutSession):
            outputs = item.session.run(feeds, max(MIN_LATE_SECONDS, LATE_RATIO * recent))
        else:
            outputs = item.session.run(feeds)
        # A wrong state for the next window would also spoil the window that another provider repeats.
        if not all(np.isfinite(output).all() for output in outputs.values()):
            raise SynthesisFailed("the model returned no valid audio for this text; try another provider")
        for name, shape in self._output_shapes(feeds).items():
            if outputs[name].shape != shape:
                raise SynthesisFailed(f"the model returned {name} with the shape {outputs[name].shape}, not {shape}")
        seconds = time.perf_counter() - started_at
        self._recent_seconds[window] = max(seconds, recent / 2)
        self._record_run(Inference(self.name, window, item.provider.name, seconds))
        self._record_provider(item, window)
        return outputs

    def _select(self, window: int, candidates: Sequence[OpenSession]) -> OpenSession:
        candidates = [item for item in candidates if item.supports(window)] or candidates
        timings = [item.timing(window) for item in candidates]
        selected = self._selector.select(self.name, window, timings)
        return next(item for item in candidates if item.provider.name == selected.name)

    def _record_provider(self, item: OpenSession, window: int) -> None:
        name, previous = item.provider.name, self._in_use.get(window)
        self._in_use[window] = name
        if previous not in (None, name):
            log.info("Provider switched for %s (window %d: %s to %s)", self.name, window, previous, name)
            self._observe(ProviderSwitched(self.name, window, str(previous), name))
        if item.placement and (name, window) not in self._observed_placements:
            self._observed_placements.add((name, window))
            self._observe(AcceleratorShare(self.name, window, name, item.placement.device, item.placement.share))

    def _record_failure(self, provider: str, window: int, error: Exception) -> None:
        level = logging.DEBUG if provider in self._warned else logging.WARNING
        log.log(level, "Provider %s failed on %s (%s)", provider, self._file.name, error)
        self._warned.add(provider)
        self._record_run(Inference(self.name, window, provider, None))

    def _record_late(self, provider: str, window: int, error: SessionLate) -> None:
        """Count a late run only for the selection: the provider may work, and its process stays."""
        log.info("Provider %s late on %s (%s)", provider, self._file.name, error)
        self._selector.record(Inference(self.name, window, provider, math.inf))

    def _record_run(self, run: Inference) -> None:
        self._selector.record(run)
        self._observe(run)

    def _replace_failed(self, error: Exception) -> OpenSession:
        """Replace all sessions, which failed, by the next provider. Raises `error` if there is none."""
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
                session = open_session(provider, precision_variant(self._file, provider), self._options)
            except Exception as error:  # noqa: BLE001 a provider may fail in any way; the next one is tried
                reasons.append(f"{provider.name}: {error}")
                log.warning("Provider %s cannot open %s (%s)", provider.name, self._file.name, error)
            else:
                log.info("Provider %s opened %s", provider.name, precision_variant(self._file, provider).name)
                return OpenSession(provider, session)
        why = "; ".join(reasons) or "none is usable; see `wyoming-kokoro plugins`"
        raise StartupError(f"no provider can open {self._file}: {why}")


class InstrumentedSession:
    """Runs a session outside of its stage and reports every run, failed ones too."""

    def __init__(self, stage: str, item: OpenSession, window_size: WindowSize, observe: StageObserver) -> None:
        self._stage = stage
        self._item = item
        self._window_size = window_size
        self._observe = observe

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name. Raises the error of the session."""
        started_at = time.perf_counter()
        seconds = None
        try:
            outputs = self._item.session.run(feeds)
            seconds = time.perf_counter() - started_at
        finally:
            self._observe(Inference(self._stage, self._window_size(feeds), self._item.provider.name, seconds))
        return outputs


def opens_at_startup(provider: Provider) -> bool:
    """Return whether a provider can be opened while the server starts."""
    is_quick = provider.opens_quickly and not provider.process
    return provider.unavailable_reason is None and is_quick and not provider.fixed_shapes


def _key(item: OpenSession) -> tuple[str, int]:
    return item.provider.name, item.window


def precision_variant(file: Path, provider: Provider) -> Path:
    """Return the file prepared in the precision of `provider`, or `file` if there is none."""
    variant = file.with_suffix(f".{provider.precision}.onnx")
    return variant if variant.is_file() else file
