"""Prosody in two: ALBERT, which reads the text and may run on an accelerator, and what follows it, on the processor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wyoming_kokoro.api.providers import DevicePlacement, Session
from wyoming_kokoro.inference.stage import Stage, opens_at_startup
from wyoming_kokoro.model.manifest import CONTEXT, HIDDEN, LETTERS, TOKENS, UNREACHABLE_POSITION
from wyoming_kokoro.model.vocabulary import SYMBOLS
from wyoming_kokoro.types import Array


def token_limit(feeds: Mapping[str, Array]) -> int:
    """Return the least of `TOKENS` that a text fits into, or 0 when it is longer."""
    length = feeds["tokens"].shape[-1]
    return next((size for size in TOKENS if length <= size), 0)


class SplitProsody:
    """Takes and gives what the stage `prosody` does; with the processor alone it gives the same bits."""

    def __init__(self, albert: Stage, predictor: Stage) -> None:
        self.albert = albert
        self._predictor = predictor

    @property
    def stages(self) -> tuple[Stage, Stage]:
        """Both parts."""
        return self.albert, self._predictor

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return every output of prosody by its name. Raises what the last provider raises when every one fails."""
        context = self.albert.run({"tokens": feeds["tokens"]})[CONTEXT]
        return self._predictor.run({**feeds, CONTEXT: context})

    @property
    def accelerator_precisions(self) -> str:
        """The precision classes of the accelerators: some of the durations that they give differ by a frame."""
        providers = (item.provider for item in self.albert.open_sessions)
        return "+".join(sorted({item.precision for item in providers if not opens_at_startup(item)}))

    def close(self) -> None:
        """Give back the memory of both parts."""
        self.albert.close()
        self._predictor.close()


class FixedTokens:
    """A `Session` of ALBERT that fills every text up, and hides from it what it is filled up with."""

    def __init__(self, session: Session, size: int) -> None:
        """`session` runs the graph for `size` tokens."""
        self._session = session
        self._size = size

    @property
    def note(self) -> str:
        """What the session has to tell."""
        return str(getattr(self._session, "note", ""))

    @property
    def placement(self) -> DevicePlacement | None:
        """Where the session's work is done."""
        return getattr(self._session, "placement", None)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the context of `tokens`: [1, tokens, 768]. Raises `ValueError` when there are too many."""
        ids = feeds["tokens"][0]
        if len(ids) > self._size:
            raise ValueError(f"a text of {len(ids)} tokens, where {self._size} are the most")
        letters = np.zeros((1, self._size, SYMBOLS), dtype=np.float32)
        letters[0, np.arange(len(ids)), ids] = 1
        hidden = np.zeros((1, 1, 1, self._size), dtype=np.float32)
        hidden[..., len(ids) :] = UNREACHABLE_POSITION
        made = self._session.run({LETTERS: letters, HIDDEN: hidden})
        return {CONTEXT: made[CONTEXT][:, : len(ids)]}

    def close(self) -> None:
        """Give back the memory."""
        self._session.close()
