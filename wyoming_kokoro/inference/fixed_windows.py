"""The vocoder as windows of one size, for providers that want every shape beforehand.

It takes and gives what the vocoder of any size does, so that another provider may go on with the next window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from wyoming_kokoro.api.providers import DevicePlacement, Session, shrink
from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, StateTensor, pack_states
from wyoming_kokoro.types import Array


class FixedWindows:
    """A `Session` that feeds every window in full size: only the last of an utterance may be shorter."""

    def __init__(self, first: Session, later: Session, carried: Sequence[StateTensor], size: int) -> None:
        """`first` and `later` are the graphs that begin and continue an utterance, for `size` frames."""
        self._first, self._later, self._size = first, later, size
        self._packs = [
            (name, [item.name for item in members], _ends(members)) for name, _, members in pack_states(carried)
        ]

    @property
    def note(self) -> str:
        """What the graph that does most of the work has to tell."""
        return str(getattr(self._later, "note", ""))

    @property
    def placement(self) -> DevicePlacement | None:
        """Where that graph's work is done."""
        return getattr(self._later, "placement", None)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output by its name. Raises `ValueError` when the window is larger than those of this session."""
        missing = self._size - feeds["frames"].shape[-1]
        if missing < 0:
            raise ValueError(f"a window of {feeds['frames'].shape[-1]} frames, where {self._size} are the most")
        full = {
            "frames": np.pad(feeds["frames"], _behind(missing), mode="edge"),
            "source": np.pad(feeds["source"], _behind(missing * HOPS_PER_FRAME)),
            "scale": feeds["scale"],
            "shift": feeds["shift"],
        }
        session = self._first
        if not feeds[BEGIN_INPUT].item():
            session = self._later
            full |= {name: np.concatenate([feeds[part] for part in parts], axis=-1) for name, parts, _ in self._packs}
        made = session.run(full)
        spectrum = made["spectrum"]
        outputs = {"spectrum": spectrum[..., : spectrum.shape[-1] - missing * HOPS_PER_FRAME]}
        for name, parts, ends in self._packs:
            pieces = np.split(made[name + NEXT_SUFFIX], ends, axis=-1)
            outputs |= {part + NEXT_SUFFIX: piece for part, piece in zip(parts, pieces, strict=True)}
        return outputs

    def shrink(self) -> None:
        """Have the next runs of both graphs give back what they can do without."""
        shrink(self._first)
        shrink(self._later)

    def close(self) -> None:
        """Give back the memory of both graphs."""
        self._first.close()
        self._later.close()


def _ends(members: Sequence[StateTensor]) -> list[int]:
    """Return where each tensor of a pack ends, but the last."""
    return list(accumulate(item.kept for item in members[:-1]))


def _behind(positions: int) -> list[tuple[int, int]]:
    return [(0, 0), (0, 0), (0, 0), (0, positions)]
