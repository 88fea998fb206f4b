"""Restart a server again and again under a steady stream of requests, as systemd does with a socket of its own.

    python -m tools.load.restart [--restarts N] [--clients N]

This program holds the socket, as systemd's manager does, and hands it to each server as sd_listen_fds(3) says; a
server is stopped by SIGTERM, and the next one is started when it has ended. No connection may be refused, and every
request must be spoken to its end: as many are let in as ask at once, since who is refused on a slow machine is what
`overload.py` looks at. Everything is on the loopback interface and ends by itself. Prints one line of JSON, and exits
with 1 when that is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import itertools
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.load.overload import lonely
from tools.load.speech_client import Hearing, hear
from tools.measure.household_server import END_SECONDS
from wyoming_kokoro.bench.processes import ChildProcess, write_config
from wyoming_kokoro.config import ENVIRONMENT

SERVED_SECONDS = (1.0, 3.0)
"""How long a server speaks before it is stopped: at any moment of an answer."""
PAUSE_SECONDS = 0.05
"""Between two requests of a client."""
HAND_OVER = 'exec 3<&"$0"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'


def main() -> int:
    """Run the restarts and print what was heard."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--restarts", type=int, default=20, metavar="N", help="default: 20")
    options.add_argument("--clients", type=int, default=2, metavar="N", help="who ask all the time; default: 2")
    options.add_argument("--drain", type=float, default=10.0, metavar="SECONDS", help="drain_seconds; default: 10")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=4096) as held:
        file = Path(folder) / "config.toml"
        config = lonely(Path(folder))
        server = replace(config.server, drain_seconds=chosen.drain, max_streams=chosen.clients)
        config = replace(config, server=server)
        write_config(config, file)
        hearings, downtimes = asyncio.run(restarted(held, file, chosen.restarts, chosen.clients, chosen.drain))
    outcomes = collections.Counter(hearing.outcome for hearing in hearings)
    waits = [hearing.first for hearing in hearings if hearing.first is not None]
    report = {
        "is_good": set(outcomes) == {"spoken"},
        "restarts": chosen.restarts,
        "requests": len(hearings),
        "outcomes": dict(outcomes),
        "longest_wait_for_the_first_sound_seconds": round(max(waits, default=0.0), 2),
        "longest_time_without_a_server_seconds": round(max(downtimes), 2),
    }
    print(json.dumps(report))
    return 0 if report["is_good"] else 1


async def restarted(
    held: socket.socket, file: Path, restarts: int, clients: int, drain: float
) -> tuple[list[Hearing], list[float]]:
    """Return what the clients heard, and the seconds from a server's end until the next one was ready."""
    is_over = asyncio.Event()
    asking = [asyncio.create_task(asked(held.getsockname()[1], number, is_over)) for number in range(clients)]
    downtimes = []
    ended = time.perf_counter()
    for restart in range(restarts + 1):
        with serving(held, file) as (child, process):
            await asyncio.to_thread(child.wait_for_log, "Ready to speak")
            downtimes.append(time.perf_counter() - ended)
            await asyncio.sleep(random.uniform(*SERVED_SECONDS))
            if restart == restarts:
                is_over.set()
                hearings = await asyncio.gather(*asking)
            process.terminate()
            await asyncio.to_thread(process.wait, END_SECONDS + drain)
        ended = time.perf_counter()
    return [hearing for each in hearings for hearing in each], downtimes


async def asked(port: int, client: int, is_over: asyncio.Event) -> list[Hearing]:
    """Ask one thing after the other, and return what was heard."""
    hearings = []
    for number in itertools.count():
        if is_over.is_set():
            break
        hearings.append(await hear(port, f"Request {number} of client {client}. The front door is unlocked."))
        await asyncio.sleep(PAUSE_SECONDS)
    return hearings


@contextmanager
def serving(held: socket.socket, file: Path) -> Iterator[tuple[ChildProcess, subprocess.Popen[bytes]]]:
    """Run a server on the socket that is held; it is killed if it has not ended before."""
    environment = {variable: value for variable, value in os.environ.items() if variable not in ENVIRONMENT}
    serve = [sys.executable, "-m", "wyoming_kokoro", "serve", "--config", str(file)]
    command = ["bash", "-c", HAND_OVER, str(held.fileno()), *serve]
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=log, env=environment, pass_fds=[held.fileno()]
        )
        with process:
            try:
                yield ChildProcess("the server", process, Path(folder) / "log"), process
            finally:
                if process.poll() is None:
                    process.kill()


if __name__ == "__main__":
    sys.exit(main())
