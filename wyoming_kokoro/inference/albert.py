"""Prosody in two parts: ALBERT, which may run on an accelerator, and the predictor after it, which runs on the CPU."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wyoming_kokoro.api.providers import DevicePlacement, Session
from wyoming_kokoro.inference.stage import Stage, opens_at_startup
from wyoming_kokoro.inference.timeout_session import restart
from wyoming_kokoro.model.manifest import ALBERT_SIZES, CONTEXT, MASK_INPUT, MASKED_LOGIT, ONE_HOT_INPUT
from wyoming_kokoro.model.vocabulary import SYMBOL_COUNT
from wyoming_kokoro.types import Array, Shape

CONTEXT_CHANNELS = 768


def token_limit(feeds: Mapping[str, Array]) -> int:
    """Return the smallest size in `ALBERT_SIZES` that holds the text, or 0 if the text is longer than all of them."""
    length = feeds["tokens"].shape[-1]
    return next((size for size in ALBERT_SIZES if length <= size), 0)


def context_shape(feeds: Mapping[str, Array]) -> dict[str, Shape]:
    """Return the shape of ALBERT's output."""
    return {CONTEXT: (1, feeds["tokens"].shape[-1], CONTEXT_CHANNELS)}


class SplitProsody:
    """Replaces the stage `prosody`. On the CPU alone its output is bit-equal to that of `prosody`."""

    def __init__(self, albert: Stage, predictor: Stage) -> None:
        self.albert = albert
        self._predictor = predictor
        self.stages = (albert, predictor)

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs of prosody by name. Raises the error of the last provider if all fail."""
        context = self.albert.run({"tokens": feeds["tokens"]})[CONTEXT]
        return self._predictor.run({**feeds, CONTEXT: context})

    @property
    def accelerator_precisions(self) -> str:
        """The precision classes of the open accelerators, which shift some durations by a frame."""
        providers = (item.provider for item in self.albert.open_sessions)
        return "+".join(sorted({item.precision for item in providers if not opens_at_startup(item)}))

    def close(self) -> None:
        """Free the memory of both parts."""
        self.albert.close()
        self._predictor.close()


class FixedTokens:
    """Runs ALBERT at a fixed size: pads every text and masks the padding."""

    def __init__(self, session: Session, size: int) -> None:
        """`session` runs the graph for `size` tokens."""
        self._session = session
        self._size = size
        self.note = str(getattr(session, "note", ""))
        """The note of the session, for the operator."""
        self.placement: DevicePlacement | None = getattr(session, "placement", None)
        """The device that does the session's work, if known."""

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Return the context, shape [1, tokens, 768]. Raises `ValueError` if the text is longer than `size`."""
        ids = feeds["tokens"][0]
        if len(ids) > self._size:
            raise ValueError(f"text too long: {len(ids)} tokens; this session takes at most {self._size}")
        letters = np.zeros((1, self._size, SYMBOL_COUNT), dtype=np.float32)
        letters[0, np.arange(len(ids)), ids] = 1
        hidden = np.zeros((1, 1, 1, self._size), dtype=np.float32)
        hidden[..., len(ids) :] = MASKED_LOGIT
        outputs = self._session.run({ONE_HOT_INPUT: letters, MASK_INPUT: hidden})
        return {CONTEXT: outputs[CONTEXT][:, : len(ids)]}

    def restart(self) -> None:
        """Replace the process of the session after a failure."""
        restart(self._session)

    def close(self) -> None:
        """Close the session."""
        self._session.close()
