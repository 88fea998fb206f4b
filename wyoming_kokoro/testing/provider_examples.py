"""Small graphs that are made like the stages that providers run, and what they must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wyoming_kokoro.model.manifest import MASKED_LOGIT
from wyoming_kokoro.types import Array

if TYPE_CHECKING:
    import onnx

CHANNELS, NARROW, BANDS = 8, 6, 4
READ, LETTERS, HEADS = 8, 12, 2
"""Tokens of a text that is read, symbols that there are, and heads of the attention."""
CARRIED = 3
"""Positions that each window leaves to the next."""
Lengths = Mapping[str, tuple[int, int | None]]
"""The channels and positions of tensors, which have four axes: [1, channels, 1, positions]."""
STYLE: Lengths = {"scale": (NARROW, 1), "shift": (NARROW, 1)}
Sizes = Sequence[tuple[int, int]]
FREE: Sizes = ((16, 0), (12, CARRIED), (31, CARRIED))
"""The frames of three windows and what was carried into them: into the first, nothing."""
FIXED: Sizes = ((16, CARRIED),) * 3


@dataclass(frozen=True, slots=True)
class Window:
    """What a session is fed, and what it must give."""

    feeds: Mapping[str, Array]
    expected: Mapping[str, Array]


class Example:
    """A small graph in a file, and windows for it."""

    def __init__(self, file: Path, seed: int, sizes: Sizes) -> None:
        """Write `file`; every `seed` has other weights. The shapes are fixed where all windows are of one size."""
        self._numbers = np.random.default_rng(seed)
        self._sizes = sizes
        self._write(file, vocoder_like(self._numbers, *(sizes[0] if len(set(sizes)) == 1 else (None, None))))

    def _write(self, file: Path, model: onnx.ModelProto) -> None:
        import onnx  # noqa: PLC0415 slow, and needed here alone
        from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

        self.file = file
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
        return self._answered(feeds)

    def _answered(self, feeds: Mapping[str, Array]) -> Window:
        made: Any = self._reference.run(None, dict(feeds))
        return Window(feeds, dict(zip(self._reference.output_names, made, strict=True)))

    def _array(self, *shape: int) -> Array:
        return self._numbers.normal(size=shape).astype(np.float32)


class TextExample(Example):
    """A small graph that reads as ALBERT does, and texts that do not fill it."""

    def __init__(self, file: Path, seed: int) -> None:
        """Write `file`."""
        self._numbers = np.random.default_rng(seed)
        self._write(file, albert_like(self._numbers))

    def windows(self) -> list[Window]:
        """Return texts of some lengths."""
        return [self._text(length) for length in (READ, 3, 7)]

    def _text(self, length: int) -> Window:
        letters = np.zeros((1, READ, LETTERS), dtype=np.float32)
        letters[0, np.arange(length), self._numbers.integers(LETTERS, size=length)] = 1
        hidden = np.zeros((1, 1, 1, READ), dtype=np.float32)
        hidden[..., length:] = MASKED_LOGIT
        return self._answered({"letters": letters, "hidden": hidden})


def albert_like(numbers: np.random.Generator) -> onnx.ModelProto:
    """Return a graph that does what ALBERT does: look up, attend to what is not hidden, normalise, and bend."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 slow, and needed here alone

    node = helper.make_node
    nodes = [
        node("MatMul", ["letters", "symbols"], ["symbol"]),
        node("Add", ["symbol", "positions"], ["embedded"]),
        node("Reshape", ["embedded", "apart"], ["heads"]),
        node("Transpose", ["heads"], ["queries"], perm=[0, 2, 1, 3]),
        node("Transpose", ["heads"], ["keys"], perm=[0, 2, 3, 1]),
        node("MatMul", ["queries", "keys"], ["scores"]),
        node("Add", ["scores", "hidden"], ["seen"]),
        node("Softmax", ["seen"], ["attention"], axis=-1),
        node("MatMul", ["attention", "queries"], ["attended"]),
        node("Transpose", ["attended"], ["side_by_side"], perm=[0, 2, 1, 3]),
        node("Reshape", ["side_by_side", "together"], ["summed"]),
        node("Add", ["summed", "embedded"], ["residual"]),
        node("LayerNormalization", ["residual", "gain", "bias"], ["normal"], axis=-1, epsilon=1e-12),
        node("Gelu", ["normal"], ["context"], approximate="tanh"),
    ]
    arrays: Mapping[str, Array] = {
        "symbols": numbers.normal(size=(LETTERS, CHANNELS)).astype(np.float32),
        "positions": numbers.normal(size=(1, READ, CHANNELS)).astype(np.float32),
        "gain": numbers.normal(size=CHANNELS).astype(np.float32),
        "bias": numbers.normal(size=CHANNELS).astype(np.float32),
        "apart": np.array([1, READ, HEADS, CHANNELS // HEADS]),
        "together": np.array([1, READ, CHANNELS]),
    }

    def describe(**shapes: Sequence[int]) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]

    graph = helper.make_graph(
        nodes,
        "example",
        describe(letters=(1, READ, LETTERS), hidden=(1, 1, 1, READ)),
        describe(context=(1, READ, CHANNELS)),
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def vocoder_like(numbers: np.random.Generator, frames: int | None, carried: int | None) -> onnx.ModelProto:
    """Return a graph that does what the vocoder does: carry, convolve, style, upsample, and bend with a sine.

    `frames` and `carried` are the positions of a window and of what was carried; None stands for any.
    """
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 slow, and needed here alone

    made = None if frames is None or carried is None else 2 * (frames + carried - CARRIED) - 2
    inputs: Lengths = {"frames": (CHANNELS, frames), "state": (CHANNELS, carried), **STYLE}
    outputs: Lengths = {"spectrum": (BANDS, made), "state_next": (CHANNELS, CARRIED)}

    def describe(values: Lengths) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 1, length])
            for name, (channels, length) in values.items()
        ]

    constants = [numpy_helper.from_array(array, name) for name, array in _constants(numbers).items()]
    graph = helper.make_graph(_nodes(), "example", describe(inputs), describe(outputs), constants)
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
