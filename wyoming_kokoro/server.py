"""The server's story: open, listen, announce, wait, drain, close."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.endpoints import networks
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.listener import Listener, listen
from wyoming_kokoro.observations import SettingsRead
from wyoming_kokoro.phrases import Phrase, Warmth, WarmupStrategy
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.reloading import fixed_changes
from wyoming_kokoro.timeline import Mark, Timeline, unheard
from wyoming_kokoro.types import Address, Voice

log = logging.getLogger(__name__)


class RunningServer:
    """What service plugins see of the server."""

    def __init__(self, backend: Backend, listener: Listener, config: Config) -> None:
        self.backend = backend
        self.listener = listener
        self.config = config
        """What holds for new requests."""

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

    @property
    def is_stuck(self) -> bool:
        """Whether the model did not come back when it was last asked."""
        return self.backend.engine.is_stuck

    async def ready(self) -> None:
        """Wait until the model is open. Raises `StartupError` when it cannot be."""
        await asyncio.shield(self.backend.opening)

    async def warm(self, phrase: Phrase) -> Warmth:
        """Have `phrase` in the phrase cache, behind everybody who is spoken to."""
        return await self.backend.narrator.warm(phrase)

    @property
    def where(self) -> str:
        """Where the server listens, for the log."""
        return self.listener.where

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

    def settle(self, config: Config) -> SettingsRead:
        """Let `config` hold for all who come from now on, as far as that can be without a restart.

        Raises `ConfigError` and `StartupError`; then everything stays as it was.
        """
        networks(config.server.allow)
        self.backend.narrator.settle(config)
        self.listener.settle(config.server)
        logging.getLogger().setLevel(config.log_level.upper())
        waiting = fixed_changes(self.config, config)
        self.config = config
        return SettingsRead(waiting=tuple(waiting))


async def serve(config: Config, inherited: Sequence[socket.socket], read: Callable[[], Config]) -> None:
    """Serve until SIGINT or SIGTERM, or until the client of `stdio://` is done. A second signal ends at once.

    Listens on the `inherited` sockets if there are any, else where `config` says. On SIGHUP the configuration is
    `read` again. Raises `StartupError` and `ConfigError`.
    """
    timeline = Timeline()
    plugins = Plugins.load(config)
    stop = asyncio.Event()
    with _signals(stop):
        async with running(config, plugins, timeline.mark, inherited) as server, _reloading(server, plugins, read):
            log.info("Listening on %s after %.1f s", server.where, timeline.moments["listening"])
            ready = asyncio.create_task(_say_when_ready(server.backend, timeline))
            try:
                await _first(stop.wait(), server.listener.ended.wait(), ready)
            finally:
                ready.cancel()
            log.info("Stopping")


@asynccontextmanager
async def running(
    config: Config, plugins: Plugins, mark: Mark = unheard, inherited: Sequence[socket.socket] = ()
) -> AsyncIterator[RunningServer]:
    """Open what speaks, listen, and run the services beside it; on leaving, in reverse, with a drain."""
    async with (
        open_backend(config, plugins, mark) as backend,
        listen(config.server, backend.narrator, inherited) as listener,
    ):
        mark("listening")
        server = RunningServer(backend, listener, config)
        improving = asyncio.create_task(_improved(backend))
        try:
            async with AsyncExitStack() as services:
                for service in plugins.services(server):
                    await _enter(services, service)
                yield server
        finally:
            improving.cancel()
            await listener.drain(server.config.server.drain_seconds)
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


@asynccontextmanager
async def _reloading(server: RunningServer, plugins: Plugins, read: Callable[[], Config]) -> AsyncIterator[None]:
    """Read the configuration again on each SIGHUP; in a terminal that signal keeps its meaning, to end."""
    if sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    reloading = asyncio.create_task(_reload_when(asked, server, plugins, read))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        reloading.cancel()
        await asyncio.wait([reloading])


async def _reload_when(
    asked: asyncio.Event, server: RunningServer, plugins: Plugins, read: Callable[[], Config]
) -> None:
    while await asked.wait():
        asked.clear()
        plugins.observe(await _reloaded(server, read))


async def _reloaded(server: RunningServer, read: Callable[[], Config]) -> SettingsRead:
    try:
        outcome = server.settle(await asyncio.to_thread(read))
    except (ConfigError, StartupError) as error:
        log.error("The new settings are not used, the old ones stay: %s", error)
        return SettingsRead(str(error))
    if outcome.waiting:
        log.warning("The settings were read again; a restart is needed for %s", ", ".join(outcome.waiting))
    else:
        log.info("The settings were read again")
    return outcome


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
