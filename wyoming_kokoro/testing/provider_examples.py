"""Small graphs that are similar to the stages of the model, with inputs and expected outputs."""

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

# Channels of the vocoder's frames, of its narrow layer and of its spectrum.
CHANNELS, NARROW, BANDS = 8, 6, 4
# Tokens of a text, different symbols, and attention heads.
TOKENS, SYMBOLS, HEADS = 8, 12, 2
# Positions of the state that each window passes to the next.
STATE_LENGTH = 3
Lengths = Mapping[str, tuple[int, int | None]]
"""The channels and positions of each tensor. Tensors have the shape [1, channels, 1, positions]."""
STYLE: Lengths = {"scale": (NARROW, 1), "shift": (NARROW, 1)}
Sizes = Sequence[tuple[int, int]]
ANY_SIZE: Sizes = ((16, 0), (12, STATE_LENGTH), (31, STATE_LENGTH))
"""The frames and the state positions of three windows. The first window has no state."""
FIXED_SIZE: Sizes = ((16, STATE_LENGTH),) * 3


@dataclass(frozen=True, slots=True)
class WindowExample:
    """The inputs and the expected outputs of one run."""

    feeds: Mapping[str, Array]
    expected: Mapping[str, Array]


class GraphExample:
    """A small graph in a file, with windows for it."""

    def __init__(self, file: Path, seed: int, sizes: Sizes) -> None:
        """Write `file`. Each `seed` has other weights. The shapes are fixed if all `sizes` are equal."""
        self._numbers = np.random.default_rng(seed)
        self._sizes = sizes
        self._write(file, make_vocoder_like_graph(self._numbers, *(sizes[0] if len(set(sizes)) == 1 else (None, None))))

    def _write(self, file: Path, model: onnx.ModelProto) -> None:
        import onnx  # noqa: PLC0415 slow
        from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

        self.file = file
        self._reference = ReferenceEvaluator(model)
        file.parent.mkdir(parents=True)
        onnx.save(model, file)

    def windows(self) -> list[WindowExample]:
        """Return a window of each size, with new random inputs."""
        return [self._window(frames, state) for frames, state in self._sizes]

    def _window(self, frames: int, state: int) -> WindowExample:
        utterance = self._array(1, CHANNELS, 1, frames + 5)
        feeds = {
            # The vocoder, too, gets views of larger arrays.
            "frames": utterance[..., 2 : frames + 2],
            "state": self._array(1, CHANNELS, 1, state),
            **{name: self._array(1, NARROW, 1, 1) for name in STYLE},
        }
        return self._with_expected(feeds)

    def _with_expected(self, feeds: Mapping[str, Array]) -> WindowExample:
        outputs: Any = self._reference.run(None, dict(feeds))
        return WindowExample(feeds, dict(zip(self._reference.output_names, outputs, strict=True)))

    def _array(self, *shape: int) -> Array:
        return self._numbers.normal(size=shape).astype(np.float32)


class TextExample(GraphExample):
    """A small graph similar to ALBERT, with texts of several lengths."""

    def __init__(self, file: Path, seed: int) -> None:
        """Write `file`."""
        self._numbers = np.random.default_rng(seed)
        self._write(file, make_albert_like_graph(self._numbers))

    def windows(self) -> list[WindowExample]:
        """Return texts of several lengths. Shorter ones are padded."""
        return [self._text(length) for length in (TOKENS, 3, 7)]

    def _text(self, length: int) -> WindowExample:
        letters = np.zeros((1, TOKENS, SYMBOLS), dtype=np.float32)
        letters[0, np.arange(length), self._numbers.integers(SYMBOLS, size=length)] = 1
        hidden = np.zeros((1, 1, 1, TOKENS), dtype=np.float32)
        hidden[..., length:] = MASKED_LOGIT
        return self._with_expected({"letters": letters, "hidden": hidden})


def make_albert_like_graph(numbers: np.random.Generator) -> onnx.ModelProto:
    """Return a graph with the operations of ALBERT: embedding, masked attention, normalization and GELU."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 slow

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
        "symbols": numbers.normal(size=(SYMBOLS, CHANNELS)).astype(np.float32),
        "positions": numbers.normal(size=(1, TOKENS, CHANNELS)).astype(np.float32),
        "gain": numbers.normal(size=CHANNELS).astype(np.float32),
        "bias": numbers.normal(size=CHANNELS).astype(np.float32),
        "apart": np.array([1, TOKENS, HEADS, CHANNELS // HEADS]),
        "together": np.array([1, TOKENS, CHANNELS]),
    }

    def describe(**shapes: Sequence[int]) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]

    graph = helper.make_graph(
        nodes,
        "example",
        describe(letters=(1, TOKENS, SYMBOLS), hidden=(1, 1, 1, TOKENS)),
        describe(context=(1, TOKENS, CHANNELS)),
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def make_vocoder_like_graph(numbers: np.random.Generator, frames: int | None, state: int | None) -> onnx.ModelProto:
    """Return a graph with the operations of the vocoder: state, convolution, style, upsampling and Snake.

    `frames` and `state` are the positions of a window and of its state; None means any number.
    """
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 slow

    output = None if frames is None or state is None else 2 * (frames + state - STATE_LENGTH) - 2
    inputs: Lengths = {"frames": (CHANNELS, frames), "state": (CHANNELS, state), **STYLE}
    outputs: Lengths = {"spectrum": (BANDS, output), "state_next": (CHANNELS, STATE_LENGTH)}

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
        "narrow_weight": numbers.normal(size=(NARROW, CHANNELS, 1, STATE_LENGTH + 1), scale=0.2),
        "narrow_bias": numbers.normal(size=NARROW),
        "wide_weight": numbers.normal(size=(NARROW, BANDS, 1, 4), scale=0.3),
        "wide_bias": numbers.normal(size=BANDS),
        "alpha": alpha,
        "inverse": 1 / alpha,
    }
    limits = {"last": -STATE_LENGTH, "end": np.iinfo(np.int64).max, "two": 2, "but_two": -2, "time": -1}
    return {
        **{name: array.astype(np.float32) for name, array in weights.items()},
        **{name: np.array([number], dtype=np.int64) for name, number in limits.items()},
    }


def _nodes() -> list[onnx.NodeProto]:
    from onnx import helper  # noqa: PLC0415 slow

    node = helper.make_node
    return [
        node("Concat", ["state", "frames"], ["joined"], axis=-1),
        node("Slice", ["joined", "last", "end", "time"], ["state_next"]),
        node("Conv", ["joined", "narrow_weight", "narrow_bias"], ["narrow"], kernel_shape=[1, STATE_LENGTH + 1]),
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
