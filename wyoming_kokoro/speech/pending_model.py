"""The model while it opens in the background."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from wyoming_kokoro.errors import StartupError, SynthesisFailed
from wyoming_kokoro.synthesis.loader import ModelLoader
from wyoming_kokoro.synthesis.speech_model import SpeechModel


@dataclass(frozen=True, slots=True)
class PendingModel:
    """A model that may still be opening. Requests wait for it, unless all their segments are cached."""

    opening: asyncio.Task[SpeechModel]
    """Fails with `StartupError`."""
    expected_fingerprint: asyncio.Task[str]
    """The fingerprint that the model most likely has, known before the model is open."""

    @classmethod
    def start(cls, loader: ModelLoader) -> PendingModel:
        """Start to open the model, and call `loader.on_ready` when it is open."""

        async def open_model() -> SpeechModel:
            model = await asyncio.to_thread(loader.open)
            loader.on_ready("ready")
            return model

        expected_fingerprint = asyncio.create_task(asyncio.to_thread(loader.expected_fingerprint))
        return cls(asyncio.create_task(open_model()), expected_fingerprint)

    async def wait_until_open(self) -> SpeechModel:
        """Return the open model. Raises `SynthesisFailed`."""
        try:
            return await asyncio.shield(self.opening)
        except StartupError as error:
            raise SynthesisFailed(f"the model could not be opened: {error}") from error

    async def fingerprint(self) -> str:
        """Return the fingerprint of the open model, else the expected one."""
        if self.opening.done():
            return (await self.wait_until_open()).fingerprint
        return await asyncio.shield(self.expected_fingerprint)

    async def close(self) -> None:
        """Wait for both tasks, whose threads cannot be interrupted, and close the model."""
        await asyncio.gather(self.expected_fingerprint, return_exceptions=True)
        with suppress(StartupError, asyncio.CancelledError):
            model = await self.opening
            await asyncio.to_thread(model.close)
