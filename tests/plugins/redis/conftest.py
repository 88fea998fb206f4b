"""A real redis-server, which the tests of a process share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.scaling.redis_process import RedisProcess, running_redis


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisProcess]:
    with running_redis() as process:
        yield process


@pytest.fixture
def redis(redis_process: RedisProcess) -> RedisProcess:
    """Return the store, which is empty."""
    redis_process.command("FLUSHALL")
    return redis_process
