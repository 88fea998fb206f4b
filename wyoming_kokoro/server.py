"""The server's story: open, listen, announce, wait, drain, close."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from wyoming_kokoro import adviser
from wyoming_kokoro.accounting import accounted
from wyoming_kokoro.advice import Advice, Facts, advice
from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.figures import Figures, StageFacts
from wyoming_kokoro.keeping import Nowhere
from wyoming_kokoro.listener import Listener, listen
from wyoming_kokoro.phrases import CacheStats, Phrase, Warmth, WarmupStrategy
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.speech.synthesis import Synthesis
from wyoming_kokoro.timeline import Timeline
from wyoming_kokoro.types import Address, Voice

log = logging.getLogger(__name__)


class RunningServer:
    """What service plugins see of the server."""

    def __init__(
        self, backend: Backend, listener: Listener, uri: str, timeline: Timeline, plugins: Mapping[str, str]
    ) -> None:
        """`plugins` tells what became of each."""
        self.backend = backend
        self.listener = listener
        self._uri = uri
        self._timeline = timeline
        self._plugins = plugins

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

    @property
    def is_ready(self) -> bool:
        """Whether the model is open."""
        return self._synthesis is not None

    @property
    def timeline(self) -> Mapping[str, float]:
        """What was ready when, in seconds since the process began."""
        return self._timeline.moments

    @property
    def figures(self) -> Figures:
        """What was counted since the server started."""
        return self.backend.tally.figures

    @property
    def stages(self) -> Sequence[StageFacts]:
        """Who runs each stage of the model; nothing before it is open."""
        return self._synthesis.stages if self._synthesis else ()

    @property
    def speaking(self) -> int:
        """How many requests are spoken at this moment."""
        return self.backend.narrator.quiet.speaking

    @property
    def waiting(self) -> int:
        """How many syntheses wait for the model."""
        return self.backend.engine.waiting

    @property
    def unit_seconds(self) -> float:
        """How long the model has been at the unit of work that runs."""
        return self.backend.engine.unit_seconds

    async def cache_stats(self) -> CacheStats:
        """Return how the phrase cache does."""
        return await self.backend.cache.stats()

    async def advice(self) -> Sequence[Advice]:
        """Return what the owner of the machine could do better."""
        return advice(await self.facts())

    async def facts(self) -> Facts:
        """Return what advice stands on."""
        pattern, made = await self.backend.missed.pattern()
        cache = None if isinstance(self.backend.cache, Nowhere) else await self.cache_stats()
        return Facts(self.figures, cache, tuple(self.stages), self._plugins, self.timeline, pattern, made)

    def speak(self, text: str, voice: str | None = None) -> AsyncGenerator[bytes, None]:
        """Speak as any client would be spoken to."""
        utterance = self.backend.narrator.utterance(voice)
        utterance.feed(text)
        utterance.finish()
        return accounted(utterance, self.backend.observe)

    @property
    def _synthesis(self) -> Synthesis | None:
        opening = self.backend.opening
        is_open = opening.done() and not opening.cancelled() and opening.exception() is None
        return opening.result() if is_open else None


async def serve(config: Config) -> None:
    """Serve until SIGINT or SIGTERM, or until the client of `stdio://` is done. A second signal ends at once.

    Raises `StartupError` and `ConfigError`.
    """
    timeline = Timeline()
    plugins = Plugins.load(config)
    stop = asyncio.Event()
    with _signals(stop):
        async with running(config, plugins, timeline) as server:
            log.info("Listening on %s after %.1f s", server.where, timeline.moments["listening"])
            ready = asyncio.create_task(_say_when_ready(server.backend, timeline))
            try:
                await _first(stop.wait(), server.listener.ended.wait(), ready)
            finally:
                ready.cancel()
            log.info("Stopping")


@asynccontextmanager
async def running(config: Config, plugins: Plugins, timeline: Timeline) -> AsyncIterator[RunningServer]:
    """Open what speaks, listen, and run the services beside it; on leaving, in reverse, with a drain.

    `timeline` is told what is ready.
    """
    async with (
        open_backend(config, plugins, timeline.mark) as backend,
        listen(config.server, backend.narrator, backend.observe) as listener,
    ):
        timeline.mark("listening")
        server = RunningServer(backend, listener, config.server.uri, timeline, plugins.statuses)
        improving = asyncio.create_task(_improved(backend))
        try:
            async with adviser.written(server, config.directories.state_path), AsyncExitStack() as services:
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
