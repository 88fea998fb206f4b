"""The vocoder in windows of one size, for providers that need fixed shapes.

Inputs and outputs are those of the vocoder of any size, so another provider can run the next window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from wyoming_kokoro.api.providers import DevicePlacement, Session, shrink
from wyoming_kokoro.inference.timeout_session import restart
from wyoming_kokoro.model.harmonic_source import HOPS_PER_FRAME
from wyoming_kokoro.model.manifest import BEGIN_INPUT, NEXT_SUFFIX, StateTensor, pack_states
from wyoming_kokoro.types import Array


class FixedWindows:
    """Runs windows of one size. The last window of an utterance may be shorter and is padded."""

    def __init__(self, first: Session, later: Session, states: Sequence[StateTensor], size: int) -> None:
        """`first` begins an utterance and `later` continues it; both take `size` frames."""
        self._first, self._later, self._size = first, later, size
        # `later` does most of the work.
        self.note = str(getattr(later, "note", ""))
        """The note of the session, for the operator."""
        self.placement: DevicePlacement | None = getattr(later, "placement", None)
        """The device that does the session's work, if known."""
        self._packs = [
            # The split points are the end of each tensor except the last.
            (name, [item.name for item in members], list(accumulate(item.kept for item in members[:-1])))
            for name, _, members in pack_states(states)
        ]

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name. Raises `ValueError` if the window is larger than `size`."""
        missing = self._size - feeds["frames"].shape[-1]
        if missing < 0:
            raise ValueError(
                f"window too large: {feeds['frames'].shape[-1]} frames; this session takes at most {self._size}"
            )
        full = {
            "frames": np.pad(feeds["frames"], _padding(missing), mode="edge"),
            "source": np.pad(feeds["source"], _padding(missing * HOPS_PER_FRAME)),
            "scale": feeds["scale"],
            "shift": feeds["shift"],
        }
        session = self._first
        if not feeds[BEGIN_INPUT].item():
            session = self._later
            full |= {name: np.concatenate([feeds[part] for part in parts], axis=-1) for name, parts, _ in self._packs}
        results = session.run(full)
        spectrum = results["spectrum"]
        outputs = {"spectrum": spectrum[..., : spectrum.shape[-1] - missing * HOPS_PER_FRAME]}
        for name, parts, split_points in self._packs:
            tensors = np.split(results[name + NEXT_SUFFIX], split_points, axis=-1)
            outputs |= {part + NEXT_SUFFIX: tensor for part, tensor in zip(parts, tensors, strict=True)}
        return outputs

    def shrink(self) -> None:
        """Make the next run of both graphs free its spare memory."""
        shrink(self._first)
        shrink(self._later)

    def restart(self) -> None:
        """Replace the processes of both graphs after a failure."""
        restart(self._first)
        restart(self._later)

    def close(self) -> None:
        """Close both graphs."""
        self._first.close()
        self._later.close()


def _padding(positions: int) -> list[tuple[int, int]]:
    return [(0, 0), (0, 0), (0, 0), (0, positions)]
