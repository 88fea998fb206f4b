"""What preparation tells about the stages it made: a small file beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import msgspec

MANIFEST_FILE = "manifest.json"
BEGIN_INPUT = "begin"
"""An input of the vocoder, int64 [1]: 1 in the first run of an utterance, 0 afterwards."""
NEXT_SUFFIX = "_next"
"""What an output's name has behind the name of the input that it becomes in the next run."""
WINDOW_FRAMES = 16
"""Frames of the windows of fixed shapes, and of most others: new listeners wait for one of them."""
ALBERT_SIZES = (32, 64, 128)
"""Tokens of the texts that ALBERT has graphs of fixed shapes for: of what a house says in a day 73 % are of 32 at most,
94 % of 64, and none is of more than 128."""
ONE_HOT_INPUT, MASK_INPUT, CONTEXT = "letters", "hidden", "context"
"""Of ALBERT in fixed shapes, all float: what it takes, [1, size, symbols] with a one in the row of each token and
[1, 1, 1, size] with `OUT_OF_SIGHT` where there is no token, else 0; and what it gives, [1, size, 768]."""
MASKED_LOGIT = -1e4
"""Added to a logarithm of attention it leaves nothing, and float16 can hold it."""
LOOK_AHEAD_FRAMES = 4
"""The source is known long before it is decoded: fed ahead, it lets the vocoder lag 7.6 frames instead of 11."""


@dataclass(frozen=True, slots=True)
class StateTensor:
    """One tensor that goes from each run of the vocoder to the next."""

    name: str
    channels: int
    begin: int
    """How many positions of zeros the first run of an utterance is given: shape [1, channels, 1, begin]."""
    kept: int
    """How many positions every run leaves to the next."""


STATE_PREFIX = "state"
"""How the tensors of fixed shapes are called that go from each run to the next: `state_CHANNELS`."""


def pack_states(carried: Iterable[StateTensor]) -> Iterator[tuple[str, list[int], list[StateTensor]]]:
    """Yield the name and the shape of the tensor that holds all that is carried in so many channels, and what it is."""
    for channels, group in groupby(sorted(carried, key=attrgetter("channels")), key=attrgetter("channels")):
        members = list(group)
        yield f"{STATE_PREFIX}_{channels}", [1, channels, 1, sum(item.kept for item in members)], members


@dataclass(frozen=True, slots=True)
class Manifest:
    """How the stages of one model are run."""

    states: tuple[StateTensor, ...]
    """What the vocoder carries from window to window."""
    lag: int
    """How many hops the vocoder's output lags behind its input."""
    look_ahead: int
    """How many frames the source is fed ahead of the decoder's frames."""
    harmonics: tuple[float, ...]
    """How the sines are mixed into the source."""
    offset: float
    """What is added to the mixture."""

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a prepared model. Raises `OSError` and `msgspec.MsgspecError`."""
        return msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=cls)

    def write(self, folder: Path) -> None:
        """Write the manifest."""
        (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(self))
