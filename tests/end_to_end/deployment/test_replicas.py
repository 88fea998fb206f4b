"""Several servers with the same configuration."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from wyoming.event import Event

from tests.helpers.network.balanced_servers import needs_haproxy
from tests.helpers.servers.protocol_fakes import Client, event_types, pcm_of
from tests.helpers.servers.server_process import disabled, server_arguments, start_server
from tools.load.speech_client import SPOKEN, request_speech
from tools.scaling.replicas import CONFIG as REPLICA_CONFIG
from tools.scaling.replicas import fill_caches, kill_one, restart_all, run_replicas
from wyoming_kokoro.config import Config, Directories
from wyoming_kokoro.server.endpoints import TcpEndpoint, parse_endpoint

CONFIG = """
[voice]
quality = "distilled"
[voices.kitchen]
base = "af_heart(0.7)+af_bella(0.3)"
[voices.Attic]
base = "bf_emma"
[voices.attic]
base = "am_adam"
description = "Kitchen"
"""


async def describe(port: int) -> bytes:
    """Return the answer to `describe`, byte for byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b'{"type": "describe"}\n')
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.model
async def test_describe_is_identical_on_servers_with_the_same_configuration(model_cache: Path, tmp_path: Path) -> None:
    """Home Assistant rebuilds its list of voices whenever the answer differs. The order of sets depends on the seed."""
    config = CONFIG + disabled("zeroconf", "dashboard", "openai", "phrase_cache", "warmup")

    async def start_and_describe(seed: str) -> bytes:
        folder = tmp_path / seed
        folder.mkdir()
        arguments = server_arguments(folder, model_cache, config)
        async with start_server(*arguments, environment={**os.environ, "PYTHONHASHSEED": seed}) as server:
            first = await describe(server.port)
            assert await describe(server.port) == first
            return first

    first, second = await asyncio.gather(*map(start_and_describe, ("0", "4294967295")))
    assert first == second
    assert b'"kitchen"' in first


# Real servers behind HAProxy

# Connections from other addresses than HAProxy's begin without a PROXY header.
DIRECT_CLIENT = ("127.0.0.99", 0)
LLM_CHUNKS = ("The forecast for today is **mostly sunny** with a high of 21.5 °C", " and", " wind", ".\n\n- Sun")


@pytest.fixture
def replica_config(model_cache: Path) -> Config:
    return replace(REPLICA_CONFIG, directories=Directories(str(model_cache)))


async def connect_directly(config: Config) -> Client:
    endpoint = parse_endpoint(config.server.uri)
    assert isinstance(endpoint, TcpEndpoint)
    return Client(*await asyncio.open_connection(endpoint.host, endpoint.port, local_addr=DIRECT_CLIENT))


async def send_as_home_assistant(client: Client, chunks: tuple[str, ...], voice: str) -> list[Event]:
    """Send a streamed request and return the answer."""
    await client.send("synthesize-start", voice={"name": voice})
    for chunk in chunks:
        await client.send("synthesize-chunk", text=chunk)
    await client.send("synthesize", text="".join(chunks), voice={"name": voice})
    await client.send("synthesize-stop")
    return await client.read_until("synthesize-stopped")


@pytest.mark.slow
@needs_haproxy
def test_answers_through_haproxy_equal_direct_answers(replica_config: Config, tmp_path: Path) -> None:
    """The requests of Home Assistant to a real server. The first of each pair also fills the phrase cache."""

    async def ask(connect: Callable[[], Awaitable[Client]]) -> list[tuple[list[str], bytes]]:
        answers = []
        requests = [(LLM_CHUNKS, "af_heart"), (("Turned on the lights",), "af_heart"), ((), "af_heart"), (("Hi",), "x")]
        for chunks, voice in requests:
            client = await connect()
            events = await send_as_home_assistant(client, chunks, voice)
            answers.append((event_types(events), pcm_of(events)))
            await client.close()
        client = await connect()
        await client.send("describe")
        answers.append(([str(event.data) for event in await client.read_until("info")], b""))
        await client.send("synthesize", text="Turned off the lights")
        events = await client.read_until("audio-stop")
        answers.append((event_types(events), pcm_of(events)))
        await client.close()
        return answers

    with run_replicas(replica_config, tmp_path, 1) as replicas:
        direct = asyncio.run(ask(lambda: connect_directly(replicas.configs[0])))
        port = replicas.balancer.port

        async def connect_to_haproxy() -> Client:
            return Client(*await asyncio.open_connection("127.0.0.1", port))

        assert asyncio.run(ask(connect_to_haproxy)) == direct
    assert len(direct[0][1]) > 100_000
    assert direct[3][0] == ["error", "synthesize-stopped"]


@pytest.mark.slow
@needs_haproxy
def test_servers_are_killed_and_restarted_under_load(replica_config: Config, tmp_path: Path) -> None:
    """A short run of `python -m tools.scaling.replicas`."""
    with run_replicas(replica_config, tmp_path, 3) as replicas:
        asyncio.run(fill_caches(replicas))
        killed = asyncio.run(kill_one(replicas, seconds=20, rate=10))
        assert killed["passed"], killed
        restarted = asyncio.run(restart_all(replicas, rate=10, with_drain=False))
        assert restarted["passed"], restarted


@pytest.mark.slow
@needs_haproxy
def test_requests_avoid_a_server_that_is_busy_with_the_full_model(replica_config: Config, tmp_path: Path) -> None:
    """Four readings of many minutes come to one of two servers at once. It may refuse some of them."""
    server = replace(replica_config.server, max_streams=1)
    config = replace(replica_config, server=server, voice=replace(replica_config.voice, quality="full"))
    long_text = " ".join(f"Number {number} of the list is not the last one." for number in range(200))

    async def request_beside() -> list[str]:
        readers = [await connect_directly(replicas.configs[0]) for _ in range(4)]
        for reader in readers:
            await reader.synthesize(long_text)
        reading = [asyncio.create_task(reader.read_all()) for reader in readers]
        await asyncio.to_thread(replicas.balancer.wait_for_status, "replica-1", "NOLB")
        answers = [await request_speech(replicas.balancer.port, f"It is {number} o'clock.") for number in range(4)]
        for task in reading:
            task.cancel()
        for reader in readers:
            await reader.close()
        await asyncio.to_thread(replicas.balancer.wait_for_status, "replica-1", "UP")
        return [answer.outcome for answer in answers]

    with run_replicas(config, tmp_path, 2) as replicas:
        assert asyncio.run(request_beside()) == [SPOKEN] * 4
        log = replicas.servers[0].log.read_text("utf-8")
        assert log.count("Overloaded: a new request would wait") == log.count("Overload has ended") == 1
