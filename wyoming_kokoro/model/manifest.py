"""The manifest of a prepared model, and the names and sizes that its stages share with inference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import msgspec

from wyoming_kokoro.decoding import parse_json

MANIFEST_FILE = "manifest.json"

# An input of the vocoder, int64 [1]: 1 in the first run of an utterance, 0 in later runs.
BEGIN_INPUT = "begin"
# An output `x_next` is the input `x` of the next run.
NEXT_SUFFIX = "_next"
# With fixed shapes, the state tensors of the same number of channels are one tensor: `state_CHANNELS`.
STATE_PREFIX = "state"
# The frames of a window with fixed shapes, and of most other windows. A new stream waits for one window at most.
WINDOW_FRAMES = 16
# The harmonic source is known before the decoder's frames. With 4 frames of look-ahead, the vocoder lags 7.6 frames
# instead of 11.
LOOK_AHEAD_FRAMES = 4

# The token counts of the ALBERT graphs with fixed shapes. Of a household's phrases in a day, 73 % have at most 32
# tokens, 94 % at most 64, and all at most 128.
ALBERT_SIZES = (32, 64, 128)
# The inputs of such a graph are float. One has a one-hot row for each token: [1, size, symbols]. The other is added to
# the attention logits: [1, 1, 1, size], 0 for a token and MASKED_LOGIT for padding.
ONE_HOT_INPUT, MASK_INPUT = "letters", "hidden"
# Suppresses a position completely, and fits into float16.
MASKED_LOGIT = -1e4
# ALBERT's output and the predictor's input: [1, tokens, 768].
CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class StateTensor:
    """A tensor that each run of the vocoder leaves to the next run: [1, channels, 1, positions]."""

    name: str
    channels: int
    begin: int
    """The number of zero positions that the first run of an utterance takes."""
    kept: int
    """The number of positions that each run returns."""


def pack_states(states: Iterable[StateTensor]) -> Iterator[tuple[str, list[int], list[StateTensor]]]:
    """Yield the name, the shape and the members of the tensor that packs all `states` of one number of channels."""
    for channels, group in groupby(sorted(states, key=attrgetter("channels")), key=attrgetter("channels")):
        members = list(group)
        yield f"{STATE_PREFIX}_{channels}", [1, channels, 1, sum(item.kept for item in members)], members


@dataclass(frozen=True, slots=True)
class Manifest:
    """The properties of prepared stages that inference needs."""

    states: tuple[StateTensor, ...]
    lag: int
    """The number of hops by which the vocoder's output lags behind its input."""
    look_ahead: int
    """The number of frames by which the harmonic source is ahead of the decoder's frames."""
    harmonics: tuple[float, ...]
    """The weights of the harmonics in the source signal."""
    offset: float
    """The offset of the source signal."""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a prepared model. Raises `OSError` and `ValueError`."""
        return parse_json((folder / MANIFEST_FILE).read_bytes(), cls)

    def write(self, folder: Path) -> None:
        """Write the manifest."""
        (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(self))
