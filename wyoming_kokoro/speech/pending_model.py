"""A speech model that opens in the background, at startup or when a request first needs it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Generic, TypeVar

from wyoming_kokoro.api.metrics import ModelState
from wyoming_kokoro.api.speech_models import SpeechModel
from wyoming_kokoro.errors import StartupError, SynthesisFailed

ModelT_co = TypeVar("ModelT_co", bound=SpeechModel, covariant=True)


class PendingModel(Generic[ModelT_co]):
    """A model that may be closed, opening or open. Requests wait for it, unless all their segments are cached."""

    def __init__(self, model: ModelT_co) -> None:
        self.model = model
        self._opening: asyncio.Task[None] | None = None
        self._expected_fingerprint: asyncio.Task[str] | None = None
        self._has_opened = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether the model can speak now."""
        return self._has_opened.is_set()

    @property
    def knows_fingerprint(self) -> bool:
        """Whether `fingerprint` returns at once."""
        expected = self._expected_fingerprint
        return self.is_open or (expected is not None and expected.done() and not expected.exception())

    @property
    def state(self) -> ModelState:
        """The state of the model."""
        if self.is_open:
            return "open"
        if self.failure:
            return "failed"
        return "opening" if self._opening else "not needed"

    @property
    def failure(self) -> BaseException | None:
        """The error that prevented the model from opening."""
        is_done = self._opening is not None and self._opening.done() and not self._opening.cancelled()
        return self._opening.exception() if self._opening and is_done else None

    def start(self) -> asyncio.Task[None]:
        """Start to open the model, at the first call. The task fails with `StartupError`."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
            # Without this, asyncio would log the error of a model that no request needs.
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    async def open(self) -> ModelT_co:
        """Return the open model. Raises `StartupError`."""
        await asyncio.shield(self.start())
        return self.model

    async def wait_until_open(self) -> ModelT_co:
        """Return the open model. Raises `SynthesisFailed`."""
        try:
            return await self.open()
        except StartupError as error:
            raise SynthesisFailed(f"the model {self.model.name} could not be opened: {error}") from error

    async def opened(self) -> ModelT_co:
        """Return the model once it is open, without opening it."""
        await self._has_opened.wait()
        return self.model

    def start_fingerprint(self) -> asyncio.Task[str]:
        """Start to compute the fingerprint that the closed model most likely has, at the first call."""
        if self._expected_fingerprint is None:
            self._expected_fingerprint = asyncio.create_task(asyncio.to_thread(lambda: self.model.fingerprint))
        return self._expected_fingerprint

    async def fingerprint(self) -> str:
        """Return the fingerprint of the open model, else the expected one."""
        return self.model.fingerprint if self.is_open else await asyncio.shield(self.start_fingerprint())

    async def close(self) -> None:
        """Close the model. Its preparation ends at once; threads of both tasks cannot be interrupted otherwise."""
        if self._expected_fingerprint:
            await asyncio.gather(self._expected_fingerprint, return_exceptions=True)
        if self._opening:
            with suppress(Exception):
                await asyncio.to_thread(self.model.close)
            with suppress(Exception, asyncio.CancelledError):
                await self._opening
                await asyncio.to_thread(self.model.close)

    async def _open(self) -> None:
        await asyncio.to_thread(self.model.open)
        self._has_opened.set()
