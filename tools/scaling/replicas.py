"""Kill and restart servers behind HAProxy under load, and compare three servers with one.

    python -m tools.scaling.replicas [--seconds N] [--rate N] [--skip-comparison]

Three servers with the distilled voice and HAProxy with `deploy/haproxy.cfg` run on loopback addresses. Most requests
are sentences that the phrase caches have, and every tenth is new.

1. Requests come at the given rate. In the middle, streams of long texts start, and one server is killed. No connection
   may be refused, and only streams of the killed server may be cut.
2. All servers are restarted one after the other under the same load: with a plain SIGTERM, and with the `drain` command
   of HAProxy before. Every request must be spoken.
3. Clients send different texts as fast as they are answered, to one server and to three.

Prints one line of JSON after each step, and two tables at the end; the exit code is 1 if a condition is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from tools.load.server_process import isolate
from tools.load.speech_client import SPOKEN, SpeechAnswer, random_sentence, request_speech
from tools.measure.household_server import HouseholdServer, serving
from tools.scaling.haproxy_process import BALANCER_NETWORK, REPLICA_HOSTS, Balancer, run_haproxy
from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro.config import Config, ServerConfig, VoiceConfig
from wyoming_kokoro.terminal import format_table

# All requests come from one address.
SERVER = ServerConfig(max_requests_per_client=300, max_connections=300, max_connections_per_client=300)
CONFIG = Config(server=SERVER, voice=VoiceConfig(quality="distilled"))
KNOWN_SENTENCES = [f"Message {number}: the washing machine is done." for number in range(50)]
NEW_EVERY = 10
LONG_STREAMS, LONG_SENTENCES = 6, 12
# HAProxy notices a killed server at the next connection, and clients the end of their stream at once, or some seconds
# later on a busy machine.
CUT_SECONDS = 10.0
SETTLE_SECONDS = 3.0
COMPARED_CLIENTS, COMPARED_REQUESTS = 8, 400


@dataclass(slots=True)
class Replicas:
    """Servers that can be killed and started again."""

    balancer: Balancer
    configs: Sequence[Config]
    servers: list[HouseholdServer]
    stack: ExitStack

    def start(self, number: int) -> None:
        """Start a server again, and wait until HAProxy uses it."""
        self.servers[number] = self.stack.enter_context(serving(self.configs[number]))
        self.servers[number].ready()
        self.balancer.wait_for_status(f"replica-{number + 1}", "UP")

    def stop(self, number: int, kind: signal.Signals) -> None:
        """Send a signal to a server, and wait for its end."""
        self.servers[number].process.send_signal(kind)
        self.servers[number].process.wait(60)


@contextmanager
def run_replicas(config: Config, folder: Path, count: int) -> Iterator[Replicas]:
    """Run `count` servers with `config` behind HAProxy. They use its prepared model, and have a folder each."""
    with ExitStack() as stack:
        port, dashboard_port = stack.enter_context(reserved_port()), stack.enter_context(reserved_port())
        configs = []
        for number, host in enumerate(REPLICA_HOSTS[:count]):
            isolated = isolate(config, folder / f"replica-{number + 1}", disabled=["openai", "memory_watchdog"])
            settings = replace(config.server, uri=f"tcp://{host}:{port}", proxies=(BALANCER_NETWORK,))
            plugins = {**isolated.plugins, "dashboard": {"host": host, "port": dashboard_port}}
            configs.append(replace(isolated, server=settings, plugins=plugins))
        servers = [stack.enter_context(serving(config)) for config in configs]
        for server in servers:
            server.ready()
            server.dashboard()
        balancer = stack.enter_context(run_haproxy(folder, port, dashboard_port, REPLICA_HOSTS[:count]))
        for number in range(1, count + 1):
            balancer.wait_for_status(f"replica-{number}", "UP")
        yield Replicas(balancer, configs, servers, stack)


class Load:
    """Sends requests at a constant rate, whether or not earlier ones have ended."""

    def __init__(self, port: int, rate: float) -> None:
        self.answers: list[tuple[float, SpeechAnswer]] = []
        """Each answer with the time of its end."""
        self.sent = 0
        self._port, self._rate = port, rate
        self._random = Random(1)
        self._requests: set[asyncio.Task[None]] = set()

    def send(self, text: str) -> None:
        """Send a streamed request in the background, as Home Assistant does."""
        self.sent += 1
        task = asyncio.create_task(self._request(text))
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)

    async def _request(self, text: str) -> None:
        answer = await request_speech(self._port, text, chunks=[text])
        self.answers.append((time.perf_counter(), answer))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send requests while the context is open. At its end, wait for all answers."""
        sending = asyncio.create_task(self._send_all())
        try:
            yield
        finally:
            sending.cancel()
            await asyncio.wait([sending, *self._requests])

    async def _send_all(self) -> None:
        started, count = time.perf_counter(), 0
        while True:
            is_new = count % NEW_EVERY == 0
            self.send(random_sentence(self._random, 6) if is_new else self._random.choice(KNOWN_SENTENCES))
            count += 1
            await asyncio.sleep(max(0.0, started + count / self._rate - time.perf_counter()))

    def long_text(self) -> str:
        """Return a new text that takes seconds to synthesize."""
        return " ".join(random_sentence(self._random, 8) for _ in range(LONG_SENTENCES))

    def summary(self) -> dict[str, object]:
        """Return the number of answers by outcome, and when the audio of the spoken ones began."""
        ttfa = [answer.ttfa for _, answer in self.answers if answer.outcome == SPOKEN and answer.ttfa is not None]
        return {
            "requests": len(self.answers),
            "outcomes": dict(Counter(answer.outcome for _, answer in self.answers)),
            "median_ttfa_ms": round(1000 * median(ttfa)),
            "p99_ttfa_ms": round(1000 * quantiles(ttfa, n=100)[98]),
            "max_ttfa_ms": round(1000 * max(ttfa)),
        }


async def fill_caches(replicas: Replicas) -> None:
    """Let each server speak all known sentences, so that its phrase cache has them."""
    names = [f"kokoro/replica-{number + 1}" for number in range(len(replicas.servers))]

    async def set_state(name: str, state: str) -> None:
        await asyncio.to_thread(replicas.balancer.command, f"set server {name} state {state}")

    for name in names:
        for other in names:
            await set_state(other, "ready" if other == name else "maint")
        for sentence in KNOWN_SENTENCES:
            await request_speech(replicas.balancer.port, sentence, chunks=[sentence])
    for name in names:
        await set_state(name, "ready")


async def kill_one(replicas: Replicas, seconds: float, rate: float) -> dict[str, object]:
    """Kill a server in the middle of `seconds` of load, start it again after three quarters, and return the report."""
    load, name = Load(replicas.balancer.port, rate), "replica-2"
    async with load.running():
        await asyncio.sleep(seconds / 2)
        for _ in range(LONG_STREAMS):
            load.send(load.long_text())
        await asyncio.sleep(0.3)
        sent, unanswered = load.sent, load.sent - len(load.answers)
        servers = await asyncio.to_thread(replicas.balancer.read_servers)
        killed_at = time.perf_counter()
        await asyncio.to_thread(replicas.stop, 1, signal.SIGKILL)
        sent_meanwhile = load.sent - sent
        await asyncio.sleep(seconds / 4)
        await asyncio.to_thread(replicas.start, 1)
        await asyncio.sleep(seconds / 4)
    cut = [(ended, answer) for ended, answer in load.answers if answer.outcome != SPOKEN]
    cut_later = [answer for ended, answer in cut if not killed_at <= ended <= killed_at + CUT_SECONDS]
    refused = [answer for _, answer in cut if answer.outcome == "connection refused"]
    streams = int(servers[name]["scur"])
    # The statistics lack requests that have not arrived, or are sent before the end of the process. It may have these.
    underway = max(0, unanswered - sum(int(server["scur"]) for server in servers.values()))
    passed = not cut_later and not refused and len(cut) <= streams + underway + sent_meanwhile
    return {
        "step": "kill",
        "passed": passed,
        "streams_of_the_killed": streams,
        "cut": len(cut),
        **load.summary(),
    }


async def restart_all(replicas: Replicas, rate: float, *, with_drain: bool) -> dict[str, object]:
    """Restart each server under load, and return the report."""
    load, balancer = Load(replicas.balancer.port, rate), replicas.balancer
    async with load.running():
        for number in range(len(replicas.servers)):
            await asyncio.sleep(SETTLE_SECONDS)
            server = f"kokoro/replica-{number + 1}"
            if with_drain:
                await asyncio.to_thread(balancer.command, f"set server {server} state drain")
                await asyncio.sleep(1)
            await asyncio.to_thread(replicas.stop, number, signal.SIGTERM)
            if with_drain:
                await asyncio.to_thread(balancer.command, f"set server {server} state ready")
            await asyncio.to_thread(replicas.start, number)
        await asyncio.sleep(SETTLE_SECONDS)
    step = "rolling restart after drain" if with_drain else "rolling restart"
    return {"step": step, "passed": {answer.outcome for _, answer in load.answers} == {SPOKEN}, **load.summary()}


async def measure_throughput(port: int) -> dict[str, object]:
    """Let clients send different texts as fast as they are answered."""
    random = Random(2)
    texts = [random_sentence(random, 8) for _ in range(COMPARED_REQUESTS)]
    remaining = iter(texts)
    answers: list[SpeechAnswer] = []

    async def send() -> None:
        for text in remaining:
            answers.append(await request_speech(port, text, chunks=[text]))

    await asyncio.gather(*(request_speech(port, f"Warm {number}.") for number in range(COMPARED_CLIENTS)))
    started = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(COMPARED_CLIENTS)))
    seconds = time.perf_counter() - started
    ttfa = [answer.ttfa for answer in answers if answer.ttfa is not None]
    return {
        "passed": {answer.outcome for answer in answers} == {SPOKEN},
        "requests_per_second": round(len(answers) / seconds, 1),
        "audio_seconds_per_second": round(sum(answer.audio_seconds for answer in answers) / seconds, 1),
        "median_ttfa_ms": round(1000 * median(ttfa)),
        "p95_ttfa_ms": round(1000 * quantiles(ttfa, n=20)[18]),
    }


def main() -> int:
    """Run the steps, print their reports and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300, metavar="N", help="load of step 1; default: 300")
    parser.add_argument("--rate", type=float, default=30, metavar="N", help="requests a second; default: 30")
    parser.add_argument("--skip-comparison", action="store_true", help="leave out step 3")
    options = parser.parse_args()
    reports = []

    def report(result: dict[str, object]) -> None:
        reports.append(result)
        print(json.dumps(result), flush=True)

    with TemporaryDirectory() as folder:
        with run_replicas(CONFIG, Path(folder), 3) as replicas:
            asyncio.run(fill_caches(replicas))
            report(asyncio.run(kill_one(replicas, options.seconds, options.rate)))
            report(asyncio.run(restart_all(replicas, options.rate, with_drain=False)))
            report(asyncio.run(restart_all(replicas, options.rate, with_drain=True)))
        for count in () if options.skip_comparison else (1, 3):
            with run_replicas(CONFIG, Path(folder) / f"comparison-{count}", count) as replicas:
                result = asyncio.run(measure_throughput(replicas.balancer.port))
                report({"step": f"{count} servers", **result})
    print(format_reports(reports))
    return 0 if all(result["passed"] for result in reports) else 1


def format_reports(reports: Sequence[dict[str, Any]]) -> str:
    """Return a table of the steps under load, and one of the comparison."""
    steps, compared = list[list[str]](), list[list[str]]()
    for report in reports:
        if "outcomes" in report:
            outcomes = ", ".join(f"{count} {outcome}" for outcome, count in report["outcomes"].items())
            middle = [str(report["requests"]), outcomes, times_of(report, "median", "p99", "max")]
            steps.append([report["step"], *middle, verdict(report)])
        else:
            rates = [str(report[key]) for key in ("requests_per_second", "audio_seconds_per_second")]
            compared.append([report["step"], *rates, times_of(report, "median", "p95"), verdict(report)])
    tables = [format_table(["step", "requests", "outcomes", "first audio: median, 99 %, longest", ""], steps)]
    if compared:
        heads = ["different texts", "requests/s", "seconds of audio/s", "first audio: median, 95 %", ""]
        tables.append(format_table(heads, compared))
    return "\n\n".join(tables)


def times_of(report: dict[str, Any], *names: str) -> str:
    """Return times to the first audio."""
    return " / ".join(str(report[f"{name}_ttfa_ms"]) for name in names) + " ms"


def verdict(report: dict[str, Any]) -> str:
    """Return whether the conditions are met."""
    return "passed" if report["passed"] else "FAILED"


if __name__ == "__main__":
    sys.exit(main())
