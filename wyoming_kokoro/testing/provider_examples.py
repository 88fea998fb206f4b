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
        utterance = _random(self._numbers, 1, CHANNELS, 1, frames + 5)
        feeds = {
            # The vocoder, too, gets views of larger arrays.
            "frames": utterance[..., 2 : frames + 2],
            "state": _random(self._numbers, 1, CHANNELS, 1, state),
            **{name: _random(self._numbers, 1, NARROW, 1, 1) for name in ("scale", "shift")},
        }
        return self._with_expected(feeds)

    def _with_expected(self, feeds: Mapping[str, Array]) -> WindowExample:
        outputs: Any = self._reference.run(None, dict(feeds))
        return WindowExample(feeds, dict(zip(self._reference.output_names, outputs, strict=True)))


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
    nodes = """
        symbol = MatMul (letters, symbols)
        embedded = Add (symbol, positions)
        heads = Reshape (embedded, split_shape)
        queries = Transpose <perm = [0, 2, 1, 3]> (heads)
        keys = Transpose <perm = [0, 2, 3, 1]> (heads)
        scores = MatMul (queries, keys)
        masked = Add (scores, hidden)
        attention = Softmax <axis = -1> (masked)
        attended = MatMul (attention, queries)
        side_by_side = Transpose <perm = [0, 2, 1, 3]> (attended)
        joined = Reshape (side_by_side, joined_shape)
        residual = Add (joined, embedded)
        normal = LayerNormalization <axis = -1, epsilon = 1e-12> (residual, gain, bias)
        context = Gelu <approximate = "tanh"> (normal)
    """
    constants = {
        "symbols": _random(numbers, SYMBOLS, CHANNELS),
        "positions": _random(numbers, 1, TOKENS, CHANNELS),
        "gain": _random(numbers, CHANNELS),
        "bias": _random(numbers, CHANNELS),
        "split_shape": np.array([1, TOKENS, HEADS, CHANNELS // HEADS]),
        "joined_shape": np.array([1, TOKENS, CHANNELS]),
    }
    inputs = f"float[1, {TOKENS}, {SYMBOLS}] letters, float[1, 1, 1, {TOKENS}] hidden"
    return _parse(inputs, f"float[1, {TOKENS}, {CHANNELS}] context", nodes, constants)


def make_vocoder_like_graph(numbers: np.random.Generator, frames: int | None, state: int | None) -> onnx.ModelProto:
    """Return a graph with the operations of the vocoder: state, convolution, style, upsampling and Snake.

    `frames` and `state` are the positions of a window and of its state; None means any number.
    """
    nodes = f"""
        joined = Concat <axis = -1> (state, frames)
        state_next = Slice (joined, last, end, time)
        narrow = Conv <kernel_shape = [1, {STATE_LENGTH + 1}]> (joined, narrow_weight, narrow_bias)
        scaled = Mul (narrow, scale)
        styled = Add (scaled, shift)
        leaky = LeakyRelu <alpha = 0.1> (styled)
        wide = ConvTranspose <kernel_shape = [1, 4], strides = [1, 2]> (leaky, wide_weight, wide_bias)
        angle = Mul (wide, alpha)
        sine = Sin (angle)
        square = Mul (sine, sine)
        bend = Mul (square, inverse)
        snake = Add (wide, bend)
        spectrum = Slice (snake, two, but_two, time)
    """
    alpha = numbers.uniform(0.5, 2.0, size=(1, BANDS, 1, 1)).astype(np.float32)
    limits = {"last": -STATE_LENGTH, "end": np.iinfo(np.int64).max, "two": 2, "but_two": -2, "time": -1}
    constants = {
        "narrow_weight": 0.2 * _random(numbers, NARROW, CHANNELS, 1, STATE_LENGTH + 1),
        "narrow_bias": _random(numbers, NARROW),
        "wide_weight": 0.3 * _random(numbers, NARROW, BANDS, 1, 4),
        "wide_bias": _random(numbers, BANDS),
        "alpha": alpha,
        "inverse": 1 / alpha,
        **{name: np.array([number], dtype=np.int64) for name, number in limits.items()},
    }
    length = "L" if frames is None or state is None else 2 * (frames + state - STATE_LENGTH) - 2
    inputs = f"""
        float[1, {CHANNELS}, 1, {frames or "F"}] frames, float[1, {CHANNELS}, 1, {state or "S"}] state,
        float[1, {NARROW}, 1, 1] scale, float[1, {NARROW}, 1, 1] shift
    """
    outputs = f"float[1, {BANDS}, 1, {length}] spectrum, float[1, {CHANNELS}, 1, {STATE_LENGTH}] state_next"
    return _parse(inputs, outputs, nodes, constants)


def _parse(inputs: str, outputs: str, nodes: str, constants: Mapping[str, Array]) -> onnx.ModelProto:
    """Return the model whose parts are given in ONNX's text format."""
    from onnx import numpy_helper, parser  # noqa: PLC0415 slow

    header = '<ir_version: 9, opset_import: ["": 20]>'
    model = parser.parse_model(f"{header} example ({inputs}) => ({outputs}) {{ {nodes} }}")
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in constants.items())
    return model


def _random(numbers: np.random.Generator, *shape: int) -> Array:
    return numbers.normal(size=shape).astype(np.float32)
