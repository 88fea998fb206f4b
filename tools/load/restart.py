"""Restart a server repeatedly while clients send requests, as systemd does with socket activation.

    python -m tools.load.restart [--restarts N] [--clients N] [--drain SECONDS]

This program holds the socket, as systemd does, and passes it to each server as described in sd_listen_fds(3). A server
is stopped with SIGTERM, and the next one starts after it has exited. No connection may be refused, and every request
must be spoken completely. The server accepts as many streams as there are clients, because refusals are the subject
of `overload.py`. Prints one line of JSON; the exit code is 1 if a condition is not met.
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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.load.server_process import isolate
from tools.load.speech_client import SPOKEN, SpeechAnswer, request_speech
from tools.measure.household_server import END_SECONDS
from wyoming_kokoro.bench.processes import ChildProcess, write_config
from wyoming_kokoro.config import ENVIRONMENT, Config

RUN_SECONDS = (1.0, 3.0)
"""Shortest and longest run of a server. A random time stops it at any moment of an answer."""
PAUSE_SECONDS = 0.05
"""Pause of a client between two requests."""
PASS_SOCKET = 'exec 3<&"$0"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'


def main() -> int:
    """Run the restarts, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=int, default=20, metavar="N", help="default: 20")
    parser.add_argument("--clients", type=int, default=2, metavar="N", help="concurrent clients; default: 2")
    parser.add_argument("--drain", type=float, default=10.0, metavar="SECONDS", help="shutdown grace; default: 10")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=4096) as held:
        file = Path(folder) / "config.toml"
        config = isolate(Config(), Path(folder) / "server", disabled=["phrase_cache"])
        server = replace(config.server, shutdown_grace_seconds=options.drain, max_streams=options.clients)
        write_config(replace(config, server=server), file)
        answers, downtimes = asyncio.run(
            restart_repeatedly(held, file, options.restarts, options.clients, options.drain)
        )
    outcomes = collections.Counter(answer.outcome for answer in answers)
    report = {
        "passed": set(outcomes) == {SPOKEN},
        "restarts": options.restarts,
        "requests": len(answers),
        "outcomes": dict(outcomes),
        "max_ttfa_seconds": round(max((answer.ttfa or 0.0 for answer in answers), default=0.0), 2),
        "max_downtime_seconds": round(max(downtimes), 2),
    }
    print(json.dumps(report))
    return 0 if report["passed"] else 1


async def restart_repeatedly(
    held: socket.socket, file: Path, restarts: int, clients: int, drain: float
) -> tuple[list[SpeechAnswer], list[float]]:
    """Return the answers, and the seconds between the exit of each server and the readiness of the next."""
    is_over = asyncio.Event()
    port = held.getsockname()[1]
    requesting = [asyncio.create_task(request_repeatedly(port, client, is_over)) for client in range(clients)]
    downtimes = []
    exited = time.perf_counter()
    for restart in range(restarts + 1):
        with run_with_socket(held, file) as (child, process):
            await asyncio.to_thread(child.wait_for_log, "Ready to speak")
            downtimes.append(time.perf_counter() - exited)
            await asyncio.sleep(random.uniform(*RUN_SECONDS))
            if restart == restarts:
                is_over.set()
                answers = await asyncio.gather(*requesting)
            process.terminate()
            await asyncio.to_thread(process.wait, END_SECONDS + drain)
        exited = time.perf_counter()
    return [answer for each in answers for answer in each], downtimes


async def request_repeatedly(port: int, client: int, is_over: asyncio.Event) -> list[SpeechAnswer]:
    """Send one request after the other until `is_over`, and return the answers."""
    answers = []
    for number in itertools.count():
        if is_over.is_set():
            break
        text = f"Request {number} of client {client}. The front door is unlocked."
        answers.append(await request_speech(port, text, chunks=[text]))
        await asyncio.sleep(PAUSE_SECONDS)
    return answers


@contextmanager
def run_with_socket(held: socket.socket, file: Path) -> Iterator[tuple[ChildProcess, subprocess.Popen[bytes]]]:
    """Run a server on an inherited socket, and kill it on exit if it still runs."""
    environment = {variable: value for variable, value in os.environ.items() if variable not in ENVIRONMENT}
    serve = [sys.executable, "-m", "wyoming_kokoro", "serve", "--config", str(file)]
    command = ["bash", "-c", PASS_SOCKET, str(held.fileno()), *serve]
    with TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
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
