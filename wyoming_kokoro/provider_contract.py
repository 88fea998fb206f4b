"""What every provider must do, tried on a small graph that is made like the model's vocoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from wyoming_kokoro.speech.watched import Watched
from wyoming_kokoro.types import Array, Provider, Session, SessionOptions

if TYPE_CHECKING:
    import onnx

__all__ = ["check_provider"]

CHANNELS, NARROW, BANDS = 8, 6, 4
CARRIED = 3
"""Positions that each window leaves to the next."""
Lengths = Mapping[str, tuple[int, int | None]]
"""The channels and positions of tensors, which have four axes: [1, channels, 1, positions]."""
STYLE: Lengths = {"scale": (NARROW, 1), "shift": (NARROW, 1)}
Sizes = Sequence[tuple[int, int]]
FREE: Sizes = ((16, 0), (12, CARRIED), (31, CARRIED))
"""The frames of three windows and what was carried into them: into the first, nothing."""
FIXED: Sizes = ((16, CARRIED),) * 3
FLOAT_ERROR = 1e-4
LEAST_DECIBELS = 15.0
"""What providers of other precision classes may be off by, as signal to noise."""
PATIENCE_SECONDS = 120.0
TIMES_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Window:
    """What a session is fed, and what it must give."""

    feeds: Mapping[str, Array]
    expected: Mapping[str, Array]


def check_provider(provider: Provider, folder: Path) -> str | None:
    """Try everything that `Provider` and `Session` promise, with files in `folder`, which is new or empty.

    Returns why the provider cannot be used here, if it says so, and None if all is well.
    Raises `AssertionError` with the promise that is broken.
    """
    if provider.why_not is not None:
        return provider.why_not
    sizes = FIXED if provider.fixed else FREE
    one, other = (Example(folder / name / "vocoder.onnx", seed, sizes) for seed, name in enumerate("ab"))
    trial = Trial(provider, SessionOptions(threads=2, cache_dir=folder / "compiled"))
    with trial.opened(one.file) as session:
        trial.gives_what_it_should(session, one)
        trial.keeps_what_it_gave(session, one)
        trial.refuses_wrong_feeds(session, one)
        with trial.opened(other.file) as second:
            trial.gives_both_what_they_should({session: one, second: other})
        trial.gives_what_it_should(session, one)
    with trial.opened(one.file) as again:
        trial.gives_what_it_should(again, one)
    trial.refuses_junk(folder / "junk.onnx")
    return None


class Trial:
    """A provider that is tried. Sessions run on other threads than the one that opened them, as they do in earnest."""

    def __init__(self, provider: Provider, options: SessionOptions) -> None:
        self._provider = provider
        self._options = options

    @contextmanager
    def opened(self, file: Path) -> Iterator[Session]:
        """Open a proper file, and close it."""
        try:
            session = self._provider.open(file, self._options)
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._blame(f"cannot open {file}, which is a proper graph: {error!r}")
        watched = Watched(session, PATIENCE_SECONDS)
        try:
            yield watched
        finally:
            self._close(watched)

    def gives_what_it_should(self, session: Session, example: Example) -> None:
        """Run several windows."""
        for window in example.windows():
            self._run(session, window)

    def keeps_what_it_gave(self, session: Session, example: Example) -> None:
        """Look at a window's outputs after others have run."""
        made = [self._run(session, window) for window in example.windows()]
        copies = [{name: array.copy() for name, array in outputs.items()} for outputs in made]
        self.gives_what_it_should(session, example)
        for outputs, before in zip(made, copies, strict=True):
            if any(not np.array_equal(outputs[name], before[name]) for name in outputs):
                self._blame("overwrites what an earlier run gave; each run must give arrays of its own")

    def refuses_wrong_feeds(self, session: Session, example: Example) -> None:
        """Feed what is no window, and then a window."""
        (window, *_) = example.windows()
        wrong = {
            "without `scale`": {name: array for name, array in window.feeds.items() if name != "scale"},
            "with `frames` of three axes": {**window.feeds, "frames": window.feeds["frames"][0]},
        }
        for what, feeds in wrong.items():
            if _succeeds(partial(session.run, feeds)):
                self._blame(f"runs {what}; it must raise")
            self.gives_what_it_should(session, example)

    def gives_both_what_they_should(self, sessions: Mapping[Session, Example]) -> None:
        """Run sessions of different graphs, in files of one name, at once."""
        with ThreadPoolExecutor(len(sessions)) as threads:
            tasks = [
                threads.submit(self._run_often, session, example.windows()) for session, example in sessions.items()
            ]
        for task in tasks:
            task.result()

    def refuses_junk(self, file: Path) -> None:
        """Open what is no graph."""
        file.write_bytes(b"This is no graph.")
        if _succeeds(partial(self._provider.open, file, self._options)):
            self._blame("opens a file that is no graph; it must raise, so that another provider is tried")

    def _close(self, session: Session) -> None:
        try:
            session.close()
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._blame(f"cannot close a session: {error!r}")

    def _run_often(self, session: Session, windows: Sequence[Window]) -> None:
        for _ in range(TIMES_AT_ONCE):
            for window in windows:
                self._run(session, window)

    def _run(self, session: Session, window: Window) -> dict[str, Array]:
        """Return what is made of `window`, and is as it should be."""
        feeds = {name: array.copy() for name, array in window.feeds.items()}
        try:
            made = session.run(window.feeds)
        except Exception as error:  # noqa: BLE001 a provider may raise anything
            self._blame(f"cannot run a window, which it must on any thread, one at a time: {error!r}")
        for name, array in feeds.items():
            if not np.array_equal(window.feeds[name], array):
                self._blame(f"writes into its input `{name}`; work on a copy")
        if not isinstance(made, dict) or made.keys() != window.expected.keys():
            given = sorted(map(str, made)) if isinstance(made, dict) else type(made).__name__
            self._blame(f"gives {given}, where a dictionary of {sorted(window.expected)} is due")
        for name, expected in window.expected.items():
            self._compare(name, made[name], expected)
        return made

    def _compare(self, name: str, made: Array, expected: Array) -> None:
        if not isinstance(made, np.ndarray) or made.dtype != np.float32:
            self._blame(f"gives `{name}` as {getattr(made, 'dtype', type(made).__name__)}, not as a float32 array")
        if made.shape != expected.shape:
            self._blame(f"gives `{name}` in the shape {made.shape}, where {expected.shape} is due")
        error, signal = float(np.abs(made - expected).max(initial=0.0)), decibels(made, expected)
        if self._provider.precision == "float" and not error <= FLOAT_ERROR:
            allowed = f"where {FLOAT_ERROR:g} is allowed: one that rounds more has a `precision` of its own"
            self._blame(f"is off by {error:.2g} in `{name}`, {allowed}")
        if not signal >= LEAST_DECIBELS:
            self._blame(f"has {signal:.1f} dB of signal to noise in `{name}`, where {LEAST_DECIBELS:g} are due")

    def _blame(self, sentence: str) -> NoReturn:
        raise AssertionError(f"the provider {self._provider.name} {sentence}")


def _succeeds(action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception:  # noqa: BLE001 a provider may raise anything
        return False
    return True


def decibels(made: Array, expected: Array) -> float:
    """Return how much stronger the signal is than the error."""
    power, noise = float(np.square(expected).sum()), float(np.square(made - expected).sum())
    return float("inf") if noise == 0 else float(10 * np.log10(max(power, 1e-30) / noise))


class Example:
    """A small graph in a file, and windows for it."""

    def __init__(self, file: Path, seed: int, sizes: Sizes) -> None:
        """Write `file`; every `seed` has other weights. The shapes are fixed where all windows are of one size."""
        import onnx  # noqa: PLC0415 slow, and needed here alone
        from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

        self.file = file
        self._numbers = np.random.default_rng(seed)
        self._sizes = sizes
        model = vocoder_like(self._numbers, *(sizes[0] if len(set(sizes)) == 1 else (None, None)))
        self._reference = ReferenceEvaluator(model)
        file.parent.mkdir(parents=True)
        onnx.save(model, file)

    def windows(self) -> list[Window]:
        """Return a window of each size, with other numbers every time."""
        return [self._window(frames, carried) for frames, carried in self._sizes]

    def _window(self, frames: int, carried: int) -> Window:
        utterance = self._array(1, CHANNELS, 1, frames + 5)
        feeds = {
            "frames": utterance[..., 2 : frames + 2],  # the vocoder is fed parts of larger arrays
            "state": self._array(1, CHANNELS, 1, carried),
            **{name: self._array(1, NARROW, 1, 1) for name in STYLE},
        }
        made: Any = self._reference.run(None, feeds)
        return Window(feeds, dict(zip(self._reference.output_names, made, strict=True)))

    def _array(self, *shape: int) -> Array:
        return self._numbers.normal(size=shape).astype(np.float32)


def vocoder_like(numbers: np.random.Generator, frames: int | None, carried: int | None) -> onnx.ModelProto:
    """Return a graph that does what the vocoder does: carry, convolve, style, upsample, and bend with a sine.

    `frames` and `carried` are the positions of a window and of what was carried; None stands for any.
    """
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 slow, and needed here alone

    made = None if frames is None or carried is None else 2 * (frames + carried - CARRIED) - 2
    inputs: Lengths = {"frames": (CHANNELS, frames), "state": (CHANNELS, carried), **STYLE}
    outputs: Lengths = {"spectrum": (BANDS, made), "state_next": (CHANNELS, CARRIED)}

    def described(values: Lengths) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 1, length])
            for name, (channels, length) in values.items()
        ]

    constants = [numpy_helper.from_array(array, name) for name, array in _constants(numbers).items()]
    graph = helper.make_graph(_nodes(), "example", described(inputs), described(outputs), constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def _constants(numbers: np.random.Generator) -> dict[str, Array]:
    alpha = numbers.uniform(0.5, 2.0, size=(1, BANDS, 1, 1))
    weights = {
        "narrow_weight": numbers.normal(size=(NARROW, CHANNELS, 1, CARRIED + 1), scale=0.2),
        "narrow_bias": numbers.normal(size=NARROW),
        "wide_weight": numbers.normal(size=(NARROW, BANDS, 1, 4), scale=0.3),
        "wide_bias": numbers.normal(size=BANDS),
        "alpha": alpha,
        "inverse": 1 / alpha,
    }
    limits = {"last": -CARRIED, "end": np.iinfo(np.int64).max, "two": 2, "but_two": -2, "time": -1}
    return {
        **{name: array.astype(np.float32) for name, array in weights.items()},
        **{name: np.array([number], dtype=np.int64) for name, number in limits.items()},
    }


def _nodes() -> list[onnx.NodeProto]:
    from onnx import helper  # noqa: PLC0415 slow, and needed here alone

    node = helper.make_node
    return [
        node("Concat", ["state", "frames"], ["joined"], axis=-1),
        node("Slice", ["joined", "last", "end", "time"], ["state_next"]),
        node("Conv", ["joined", "narrow_weight", "narrow_bias"], ["narrow"], kernel_shape=[1, CARRIED + 1]),
        node("Mul", ["narrow", "scale"], ["scaled"]),
        node("Add", ["scaled", "shift"], ["styled"]),
        node("LeakyRelu", ["styled"], ["leaky"], alpha=0.1),
        node("ConvTranspose", ["leaky", "wide_weight", "wide_bias"], ["wide"], kernel_shape=[1, 4], strides=[1, 2]),
        node("Mul", ["wide", "alpha"], ["angle"]),
        node("Sin", ["angle"], ["sine"]),
        node("Mul", ["sine", "sine"], ["square"]),
        node("Mul", ["square", "inverse"], ["bend"]),
        node("Add", ["wide", "bend"], ["snake"]),
        node("Slice", ["snake", "two", "but_two", "time"], ["spectrum"]),
    ]
