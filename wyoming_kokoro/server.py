"""The server's story: open, listen, announce, wait, drain, close."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from typing import Any

from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.listener import Listener, listen
from wyoming_kokoro.observations import Observation
from wyoming_kokoro.phrases import Phrase, Warmth, WarmupStrategy
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.pressure import Pressure, Relief
from wyoming_kokoro.timeline import Mark, Timeline, unheard
from wyoming_kokoro.types import Address, Voice

log = logging.getLogger(__name__)


class RunningServer:
    """What service plugins see of the server."""

    def __init__(self, backend: Backend, plugins: Plugins, listener: Listener, uri: str) -> None:
        self.backend = backend
        self.listener = listener
        self._plugins = plugins
        self._uri = uri

    @property
    def default_voice(self) -> Voice:
        """The voice of those who name none."""
        return self.backend.narrator.default

    @property
    def warmup_strategies(self) -> Sequence[WarmupStrategy]:
        """The strategies of all plugins; none when there is no phrase cache."""
        return self.backend.warmup_strategies

    @property
    def quiet_seconds(self) -> float:
        """How long nobody has been spoken to; 0 while somebody is."""
        return self.backend.narrator.quiet.seconds

    async def warm(self, phrase: Phrase) -> Warmth:
        """Have `phrase` in the phrase cache, behind everybody who is spoken to."""
        return await self.backend.narrator.warm(phrase)

    @property
    def where(self) -> str:
        """Where the server listens, for the log."""
        return ", ".join(f"{address.host} port {address.port}" for address in self.addresses) or self._uri

    @property
    def addresses(self) -> Sequence[Address]:
        """The bound TCP addresses; empty for `unix://` and `stdio://`."""
        return self.listener.addresses

    @property
    def voices(self) -> Sequence[Voice]:
        """The advertised voices."""
        return self.backend.narrator.voices

    def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Speak as any client would be spoken to."""
        utterance = self.backend.narrator.utterance(voice)
        utterance.feed(text)
        utterance.finish()
        return utterance.pcm()

    async def relieve(self, pressure: Pressure) -> AsyncGenerator[Relief, None]:
        """Have memory given back, step by step: by the plugins, then by the model, if it is open."""
        for relief in await asyncio.to_thread(self._plugins.relieve, pressure):
            yield relief
        synthesis = self.backend.opened
        if synthesis is not None:
            async with aclosing(synthesis.relieve(pressure, self.backend.engine)) as steps:
                async for relief in steps:
                    yield relief

    def observe(self, observation: Observation) -> None:
        """Tell all plugins what happened."""
        self._plugins.observe(observation)


async def serve(config: Config) -> None:
    """Serve until SIGINT or SIGTERM, or until the client of `stdio://` is done. A second signal ends at once.

    Raises `StartupError` and `ConfigError`.
    """
    timeline = Timeline()
    plugins = Plugins.load(config)
    stop = asyncio.Event()
    with _signals(stop):
        async with running(config, plugins, timeline.mark) as server:
            log.info("Listening on %s after %.1f s", server.where, timeline.moments["listening"])
            ready = asyncio.create_task(_say_when_ready(server.backend, timeline))
            try:
                await _first(stop.wait(), server.listener.ended.wait(), ready)
            finally:
                ready.cancel()
            log.info("Stopping")


@asynccontextmanager
async def running(config: Config, plugins: Plugins, mark: Mark = unheard) -> AsyncIterator[RunningServer]:
    """Open what speaks, listen, and run the services beside it; on leaving, in reverse, with a drain."""
    async with (
        open_backend(config, plugins, mark) as backend,
        listen(config.server, backend.narrator) as listener,
    ):
        mark("listening")
        server = RunningServer(backend, plugins, listener, config.server.uri)
        improving = asyncio.create_task(_improved(backend))
        try:
            async with AsyncExitStack() as services:
                for service in plugins.services(server):
                    await _enter(services, service)
                yield server
        finally:
            improving.cancel()
            await listener.drain(config.server.drain_seconds)
            await asyncio.wait([improving])


async def _improved(backend: Backend) -> None:
    """Look for faster ways to speak, once the model is open."""
    try:
        synthesis = await asyncio.shield(backend.opening)
        await synthesis.improve(backend.engine, backend.narrator.quiet)
    except StartupError:
        pass  # whoever serves is told
    except Exception:
        log.exception("Looking for faster ways to speak failed; going on with what there is")


async def _enter(services: AsyncExitStack, service: AbstractAsyncContextManager[object]) -> None:
    try:
        await services.enter_async_context(_Contained(service))
    except Exception:
        log.exception("The service %s does not start; going on without it", type(service).__name__)


class _Contained(AbstractAsyncContextManager[object]):
    """A service whose failure to stop is logged and harms nobody else."""

    def __init__(self, service: AbstractAsyncContextManager[object]) -> None:
        self._service = service

    async def __aenter__(self) -> object:
        return await self._service.__aenter__()

    async def __aexit__(self, *reason: Any) -> None:
        try:
            await self._service.__aexit__(None, None, None)
        except Exception:
            log.exception("The service %s does not stop cleanly", type(self._service).__name__)


async def _say_when_ready(backend: Backend, timeline: Timeline) -> None:
    """Log that the model is open; raise `StartupError` when it cannot be, else never return."""
    await asyncio.shield(backend.opening)
    log.info("Ready to speak after %.1f s, with %s", timeline.now, backend.narrator.default.name)
    await asyncio.Event().wait()


async def _first(*waits: Coroutine[Any, Any, object] | asyncio.Task[Any]) -> None:
    """Wait until one is done; raise its error."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on the first SIGINT or SIGTERM; end the process on the second."""
    loop = asyncio.get_running_loop()

    def received() -> None:
        if stop.is_set():
            log.warning("Stopped before everything was spoken")
            logging.shutdown()
            os._exit(0)  # whoever asks twice does not want to wait for an inference
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
