"""The server's story: open, listen, announce, wait, drain, close."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any

from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import SpeechError, StartupError
from wyoming_kokoro.metrics import advice_file
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.listener import listen
from wyoming_kokoro.server.reload import reload_on_signal
from wyoming_kokoro.server.running_server import RunningServer
from wyoming_kokoro.server.startup_timeline import StartupTimeline

log = logging.getLogger(__name__)


async def serve(config: Config, inherited: Sequence[socket.socket], read: Callable[[], Config]) -> None:
    """Serve until SIGINT or SIGTERM, or until the client of `stdio://` is done. A second signal ends at once.

    Listens on the `inherited` sockets if there are any, else where `config` says. On SIGHUP the configuration is
    `read` again. Raises `StartupError` and `ConfigError`.
    """
    timeline = StartupTimeline()
    plugins = PluginManager.load(config)
    stop = asyncio.Event()
    with _signals(stop):
        async with running(config, plugins, timeline, inherited) as server, reload_on_signal(server, read):
            log.info("Listening on %s after %.1f s", server.where, timeline.moments["listening"])
            ready = asyncio.create_task(_say_when_ready(server.backend, timeline))
            try:
                await _first(stop.wait(), server.listener.ended.wait(), ready)
            finally:
                ready.cancel()
            log.info("Stopping")


@asynccontextmanager
async def running(
    config: Config, plugins: PluginManager, timeline: StartupTimeline, inherited: Sequence[socket.socket] = ()
) -> AsyncIterator[RunningServer]:
    """Open what speaks, listen, and run the services beside it; on leaving, in reverse, with a drain.

    `timeline` is told what is ready.
    """
    async with (
        open_backend(config, plugins, timeline.mark) as backend,
        listen(config.server, backend.tts, inherited, backend.observe) as listener,
    ):
        timeline.mark("listening")
        server = RunningServer(backend, listener, config, timeline, plugins)
        improving = asyncio.create_task(_improved(backend))
        try:
            async with (
                advice_file.advice_written_regularly(server, config.directories.state_path),
                AsyncExitStack() as services,
            ):
                for service in await asyncio.to_thread(plugins.services, server):
                    await _enter(services, service)
                yield server
        finally:
            improving.cancel()
            await listener.drain(server.config.server.shutdown_grace_seconds)
            await asyncio.wait([improving])


async def _improved(backend: Backend) -> None:
    """Once the model is open, load what reads text before somebody asks, then look for faster ways to speak."""
    try:
        synthesis = await asyncio.shield(backend.opening)
        with suppress(SpeechError):  # whoever speaks is told
            await backend.text.load(backend.tts.default_voice.language)
        await synthesis.run_trials(backend.scheduler, backend.tts.idle_timer)
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


async def _say_when_ready(backend: Backend, timeline: StartupTimeline) -> None:
    """Log that the model is open; raise `StartupError` when it cannot be, else never return."""
    await asyncio.shield(backend.opening)
    log.info("Ready to speak after %.1f s, with %s", timeline.now, backend.tts.default_voice.name)
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
