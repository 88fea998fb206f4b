"""The isolated server process of a load test, watched from outside."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx
import psutil

from wyoming_kokoro.config import Config, Directories, ServerConfig

STABLE_SECONDS, MAX_WAIT_SECONDS = 30.0, 300.0
STABLE_MB = 1.0
INTERNAL_ERROR = re.compile(
    r" ERROR | CRITICAL |never retrieved|never awaited|^Traceback|unraisable|ResourceWarning", re.MULTILINE
)
SEGMENTS = re.compile(r'^wyoming_kokoro_segments_by_model_total\{quality="(\w+)",reason="(.+?)"\} (\S+)$', re.MULTILINE)


def isolate(config: Config, folder: Path, disabled: Collection[str] = ()) -> Config:
    """Return `config` for a server on a free loopback port that is not announced and does no warm-up.

    It uses the prepared model of `config`, with its own phrase cache and state in `folder`. `disabled` names more
    plugins that are disabled.
    """
    off = {name: {"enabled": False} for name in ("zeroconf", "warmup", *disabled)}
    return replace(
        config,
        server=ServerConfig("tcp://127.0.0.1:0"),
        directories=own_directories(config, folder),
        plugins={**config.plugins, "dashboard": {"port": 0}, "openai": {"port": 0}, **off},
    )


def own_directories(config: Config, folder: Path) -> Directories:
    """Return a new cache and state in `folder`, with the prepared model of `config`."""
    (folder / "cache").mkdir(parents=True)
    for shared in ("models", "stages"):
        target = config.directories.cache_path / shared
        target.mkdir(parents=True, exist_ok=True)
        (folder / "cache" / shared).symlink_to(target.absolute())
    return Directories(str(folder / "cache"), str(folder / "state"))


@dataclass(frozen=True, slots=True)
class ProcessStats:
    """Resources that a process uses."""

    rss_mb: float
    threads: int
    files: int
    sockets: int
    children: int

    @classmethod
    def of(cls, pid: int) -> ProcessStats:
        """Read the resources of process `pid`."""
        process = psutil.Process(pid)
        with process.oneshot():
            return cls(
                round(process.memory_info().rss / 1e6, 1),
                process.num_threads(),
                process.num_fds(),
                len(process.net_connections()),
                len(process.children()),
            )

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


async def count_tasks(dashboard: str) -> int:
    """Return the number of tasks on the server's event loop, from the metrics at the address `dashboard`."""
    return int(await read_metric(dashboard, "event_loop_tasks"))


async def cached_ratio(dashboard: str) -> float:
    """Return how full the memory tier of the phrase cache is, from the metrics at the address `dashboard`."""
    size, limit = [
        await read_metric(dashboard, f'phrase_cache_{name}{{tier="memory"}}') for name in ("bytes", "limit_bytes")
    ]
    return size / limit if limit else 1.0


async def read_metric(dashboard: str, name: str) -> float:
    """Return one value from the metrics at the address `dashboard`. `name` has its labels and no prefix."""
    metrics = await _read_metrics(dashboard)
    match = re.search(rf"^wyoming_kokoro_{re.escape(name)} (\S+)$", metrics, re.MULTILINE)
    assert match, metrics
    return float(match[1])


async def count_segments(dashboard: str) -> Counter[str]:
    """Return how many segments each model spoke so far, and why, from the metrics at the address `dashboard`."""
    found = re.findall(SEGMENTS, await _read_metrics(dashboard))
    return Counter({f"{quality} ({reason})": int(float(count)) for quality, reason, count in found})


async def _read_metrics(dashboard: str) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{dashboard}metrics")).raise_for_status().text


async def wait_for_stable_memory(pid: int) -> None:
    """Wait until the memory is stable, after an idle server has tried its providers, for at most five minutes."""
    previous, stable_seconds, started = 0.0, 0.0, time.monotonic()
    while stable_seconds < STABLE_SECONDS and time.monotonic() - started < MAX_WAIT_SECONDS:
        await asyncio.sleep(1)
        current = ProcessStats.of(pid).rss_mb
        stable_seconds = stable_seconds + 1 if abs(current - previous) < STABLE_MB else 0.0
        previous = current


def find_internal_errors(log: Path) -> list[str]:
    """Return the lines of a server's log that show an internal error."""
    return [line for line in log.read_text("utf-8", "replace").splitlines() if INTERNAL_ERROR.search(line)]
