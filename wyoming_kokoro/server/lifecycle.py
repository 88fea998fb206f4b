"""The life of the server: open, listen, start services, wait, drain, close."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from wyoming_kokoro.api.background import keep_running
from wyoming_kokoro.backend import Backend, open_backend
from wyoming_kokoro.config import Config
from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.metrics import advice_file
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.server.descriptors import log_accept_errors
from wyoming_kokoro.server.listener import listen
from wyoming_kokoro.server.reload import catch_reload_signal, reload_when
from wyoming_kokoro.server.running_server import RunningServer
from wyoming_kokoro.server.startup_timeline import StartupTimeline
from wyoming_kokoro.speech.capacity_probe import CapacityProbe

# The event loop waits up to this long for a thread that reads text. By default it is 5 ms, several times for a request.
GIL_INTERVAL_SECONDS = 0.0005

log = logging.getLogger(__name__)


async def serve(
    config: Config, inherited: Sequence[socket.socket], read: Callable[[], Config], early_signals: Sequence[int]
) -> None:
    """Serve until SIGINT, SIGTERM or the end of a `stdio://` client. A second signal exits at once.

    Listens on the `inherited` sockets, or without any on `config.server.uri`. Calls `read` for a new configuration on
    SIGHUP, which may be one of the `early_signals`. Raises `StartupError` and `ConfigError`.
    """
    log_accept_errors(asyncio.get_running_loop())
    sys.setswitchinterval(GIL_INTERVAL_SECONDS)
    timeline = StartupTimeline()
    reload_signal = catch_reload_signal(early_signals)
    plugins = PluginManager.load(config)
    stop = asyncio.Event()
    with _handle_stop_signals(stop):
        async with (
            open_server(config, plugins, timeline, inherited) as server,
            reload_when(reload_signal, server, read),
        ):
            listener = server.listener
            log.info("Listening on %s after %.1f s", listener.address_text, timeline.moments["listening"])
            await _wait_for_first(stop.wait(), listener.ended.wait(), _log_when_ready(server.backend, timeline))
            log.info("Stopping")


@asynccontextmanager
async def open_server(
    config: Config, plugins: PluginManager, timeline: StartupTimeline, inherited: Sequence[socket.socket] = ()
) -> AsyncIterator[RunningServer]:
    """Open the backend, listen and run the services. On exit, stop them in reverse order and drain the connections."""
    async with (
        open_backend(config, plugins, timeline.mark) as backend,
        listen(config.server, backend.tts, inherited, backend.observe) as listener,
    ):
        timeline.mark("listening")
        server = RunningServer(backend, listener, config, timeline, plugins)
        optimization = asyncio.create_task(_optimize(backend))
        probe = CapacityProbe(backend.models, backend.scheduler, backend.tts.idle_timer, backend.capacity.save)
        probing = asyncio.create_task(keep_running(probe.run, "CapacityProbe"))
        try:
            async with (
                advice_file.write_advice_regularly(server.advice_input, config.directories.state_path),
                AsyncExitStack() as services,
            ):
                for service in await asyncio.to_thread(plugins.services, server):
                    await _start_service(services, service)
                yield server
        finally:
            optimization.cancel()
            probing.cancel()
            await listener.drain(server.config.server.shutdown_grace_seconds)
            await asyncio.wait([optimization, probing])


async def _optimize(backend: Backend) -> None:
    """Once the server is ready and the full model is open, try providers for it."""
    try:
        await asyncio.shield(backend.ready_task)
        await backend.full_model.opened()
        if backend.model:
            await backend.model.run_trials(backend.scheduler, backend.tts.idle_timer)
    except StartupError:
        pass  # `serve` awaits `backend.ready_task` too and raises this error.
    except Exception:
        log.exception("Provider trials failed; the server keeps the current providers")


async def _start_service(services: AsyncExitStack, service: AbstractAsyncContextManager[object]) -> None:
    """Start `service` and stop it with `services`. Its failures are logged and go no further."""
    name = type(service).__name__

    async def stop() -> None:
        try:
            await service.__aexit__(None, None, None)
        except Exception:
            log.exception("Service %s failed to stop", name)

    try:
        await service.__aenter__()
    except Exception:
        log.exception("Service %s failed to start; the server runs without it", name)
    else:
        services.push_async_callback(stop)


async def _log_when_ready(backend: Backend, timeline: StartupTimeline) -> None:
    """Log that new text can be spoken, then wait forever. Raises `StartupError` when no model can be opened."""
    await asyncio.shield(backend.ready_task)
    log.info("Ready to speak after %.1f s (default voice %s)", timeline.now, backend.tts.default_voice.name)
    # `serve` stops when this returns.
    await asyncio.Event().wait()


async def _wait_for_first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of `waits` is done and cancel the others. Raises its error."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _handle_stop_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on the first SIGINT or SIGTERM. Exit the process on the second."""
    loop = asyncio.get_running_loop()

    def handle() -> None:
        if stop.is_set():
            log.warning("Exiting before all requests are finished (second signal)")
            logging.shutdown()
            # A regular exit would wait for the thread of a running inference.
            os._exit(0)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
