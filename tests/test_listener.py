from __future__ import annotations

import asyncio
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from wyoming.event import Event, async_write_event

from tests.speaking import (
    PATIENCE,
    WORD,
    Client,
    SpeakingNarrator,
    calling,
    listening,
    sound,
    types,
)
from wyoming_kokoro.endpoints import is_in, networks
from wyoming_kokoro.errors import ConfigError, StartupError

SPOKEN = ["audio-start", "audio-chunk", "audio-stop"]
has_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")


async def answers(host: str, port: int) -> bool:
    """Whether the server at this address speaks."""
    client = Client(*await asyncio.open_connection(host, port))
    await client.say("hi")
    events = await client.until("audio-stop")
    await client.close()
    return types(events) == SPOKEN


async def unix_client(path: Path) -> Client:
    return Client(*await asyncio.open_unix_connection(str(path)))


async def test_port_0_is_told() -> None:
    """The bound port is reported for the host that was asked for."""
    async with listening(SpeakingNarrator()) as listener:
        (address,) = listener.addresses
        assert address.host == "127.0.0.1"
        assert await answers(address.host, address.port)


@has_ipv6
async def test_no_host_is_every_interface_in_both_families() -> None:
    """One port answers by IPv4 and by IPv6."""
    async with listening(SpeakingNarrator(), "tcp://:0") as listener:
        ipv4, ipv6 = listener.addresses
        assert (ipv4.host, ipv6.host) == ("0.0.0.0", "::")
        assert ipv4.port == ipv6.port
        assert await answers("127.0.0.1", ipv4.port)
        assert await answers("::1", ipv6.port)


async def test_no_host_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel has no IPv6 every interface is that of IPv4."""
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    async with listening(SpeakingNarrator(), "tcp://:0") as listener:
        (address,) = listener.addresses
        assert address.host == "0.0.0.0"
        assert await answers("127.0.0.1", address.port)


@has_ipv6
async def test_an_ipv6_address() -> None:
    """Addresses in brackets are IPv6."""
    async with listening(SpeakingNarrator(), "tcp://[::1]:0") as listener:
        (address,) = listener.addresses
        assert address.host == "::1"
        assert await answers("::1", address.port)


async def test_a_name_listens_on_all_its_addresses_with_one_port() -> None:
    """`localhost` may be two addresses: both get the port that was free."""
    async with listening(SpeakingNarrator(), "tcp://localhost:0") as listener:
        assert len({address.port for address in listener.addresses}) == 1
        for address in listener.addresses:
            assert await answers(address.host, address.port)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "10200",
        "localhost:10200",
        "tcp://",
        "tcp://localhost",
        "tcp://:99999",
        "tcp://:-1",
        "tcp://:port",
        "tcp://[::1:10200",
        "tcp://:10200/path",
        "tcp://me@:10200",
        "tcp://:10200?x",
        "http://:10200",
        "unix://",
        "unix:///",
        "unix://relative/path",
        "stdio://x",
    ],
)
async def test_wrong_uris_are_refused_with_the_right_forms(uri: str) -> None:
    """Whoever mistypes the URI sees how it is written."""
    with pytest.raises(ConfigError, match=r"tcp://HOST:PORT, tcp://:PORT, unix:///PATH or stdio://"):
        async with listening(SpeakingNarrator(), uri):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1", "", "localhost"])
async def test_a_port_that_is_taken(host: str) -> None:
    """The message names the port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=f"^port {port} is in use; [^\n]*$"):
            async with listening(SpeakingNarrator(), f"tcp://{host}:{port}"):
                pass


@pytest.mark.parametrize(
    ("uri", "reason"),
    [("tcp://192.0.2.1:0", "not an address of this machine"), ("tcp://no.such.invalid:0", "be resolved")],
)
async def test_hosts_that_are_not_ours(uri: str, reason: str) -> None:
    """A host elsewhere, or nowhere, is named with the next step."""
    with pytest.raises(StartupError, match=f"{reason}[^\n]*; use "):
        async with listening(SpeakingNarrator(), uri):
            pass


async def test_the_port_is_free_again_after_a_conversation() -> None:
    """A server can be restarted at once."""
    async with listening(SpeakingNarrator()) as listener:
        port = listener.addresses[0].port
        assert await answers("127.0.0.1", port)
    async with listening(SpeakingNarrator(), f"tcp://127.0.0.1:{port}"):
        assert await answers("127.0.0.1", port)


async def test_a_unix_socket(tmp_path: Path) -> None:
    """The socket is for user and group only, and is gone when the server is."""
    path = tmp_path / "kokoro.sock"
    async with listening(SpeakingNarrator(), f"unix://{path}", allow=("10.0.0.0/8",)) as listener:
        assert listener.addresses == ()
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        client = await unix_client(path)
        await client.say("hi")
        assert types(await client.until("audio-stop")) == SPOKEN
        await client.close()
    assert not path.exists()


async def test_a_stale_unix_socket_is_replaced(tmp_path: Path) -> None:
    """What a killed server leaves behind does not keep the next one from starting."""
    path = tmp_path / "kokoro.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with listening(SpeakingNarrator(), f"unix://{path}"):
        await (await unix_client(path)).close()


async def test_a_live_unix_socket_is_left_alone(tmp_path: Path) -> None:
    """A second server is refused, and the first one goes on."""
    uri = f"unix://{tmp_path / 'kokoro.sock'}"
    async with listening(SpeakingNarrator(), uri):
        with pytest.raises(StartupError, match="in use"):
            async with listening(SpeakingNarrator(), uri):
                pass
        await (await unix_client(tmp_path / "kokoro.sock")).close()


async def test_other_files_are_never_removed(tmp_path: Path) -> None:
    """A path that holds a user's file is refused, and the file stays."""
    path = tmp_path / "diary.txt"
    path.write_text("dear diary")
    with pytest.raises(StartupError, match="not a socket"):
        async with listening(SpeakingNarrator(), f"unix://{path}"):
            pass
    assert path.read_text() == "dear diary"


async def test_a_socket_that_another_server_put_there_stays(tmp_path: Path) -> None:
    """Only our own socket is removed at the end."""
    path = tmp_path / "kokoro.sock"
    async with listening(SpeakingNarrator(), f"unix://{path}"):
        path.rename(tmp_path / "moved.sock")
        path.touch()
    assert path.exists()


async def test_a_directory_that_is_missing(tmp_path: Path) -> None:
    """A socket that cannot be made names the path."""
    with pytest.raises(StartupError, match=r"missing/kokoro\.sock"):
        async with listening(SpeakingNarrator(), f"unix://{tmp_path}/missing/kokoro.sock"):
            pass


STDIO = """
import asyncio
from tests.speaking import SpeakingNarrator, listening

async def main():
    narrator = SpeakingNarrator()
    async with listening(narrator, "stdio://") as listener:
        print("this is not for the client")
        await listener.ended.wait()

asyncio.run(main())
"""


async def test_stdio_speaks_to_the_end_of_its_input() -> None:
    """What was asked for before stdin ended is finished, and nothing else is on stdout."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        STDIO,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    await async_write_event(Event("synthesize", {"text": "one two"}), process.stdin)
    await async_write_event(Event("synthesize-start"), process.stdin)
    await async_write_event(Event("synthesize-chunk", {"text": "three four"}), process.stdin)
    process.stdin.close()
    client = Client(process.stdout, process.stdin)
    events = await client.all()
    assert await process.wait() == 0
    assert types(events) == [*SPOKEN, *SPOKEN, "synthesize-stopped"]
    assert sound(events) == WORD * 4
    assert (await process.stderr.read()).strip() == b"this is not for the client"


async def test_stdio_needs_pipes(tmp_path: Path) -> None:
    """A file at stdin is refused with what to do, not with a traceback of the event loop."""
    file = tmp_path / "events"
    file.touch()
    with file.open("rb") as stdin:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            STDIO,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
    _, errors = await process.communicate()
    assert b"StartupError: stdio:// needs a pipe at stdin; use " in errors


async def test_clients_outside_the_allowed_networks_are_told_so() -> None:
    """They get an error and no answer, also from the loopback interface."""
    async with (
        listening(SpeakingNarrator(), allow=("192.0.2.0/24",)) as listener,
        calling(listener) as client,
    ):
        await client.send("describe")
        (error,) = await client.all()
        assert error.data["code"] == "not-allowed"


async def test_clients_of_the_allowed_networks_are_served() -> None:
    """A network may be written with an address of one of its hosts."""
    async with listening(SpeakingNarrator(), allow=("192.0.2.0/24", "127.0.0.9/8")) as listener:
        assert await answers("127.0.0.1", listener.addresses[0].port)


@has_ipv6
async def test_ipv4_clients_of_a_dual_stack_port_have_their_ipv4_address() -> None:
    """An IPv4 network lets them in although the socket sees them as `::ffff:127.0.0.1`."""
    async with listening(SpeakingNarrator(), "tcp://:0", allow=("127.0.0.0/8",)) as listener:
        port = listener.addresses[0].port
        assert await answers("127.0.0.1", port)
        client = Client(*await asyncio.open_connection("::1", port))
        assert [event.data["code"] for event in await client.all()] == ["not-allowed"]
        await client.close()


def test_addresses_of_networks() -> None:
    """Scoped and mapped addresses belong to the networks that a person would say."""
    allowed = networks(("10.0.0.0/8", "fe80::/10"))
    assert is_in("10.1.2.3", allowed)
    assert is_in("::ffff:10.1.2.3", allowed)
    assert is_in("fe80::1%eth0", allowed)
    assert not is_in("11.0.0.1", allowed)
    assert not is_in("::1", allowed)


async def test_a_wrong_network_is_a_configuration_error() -> None:
    """The message names the setting and shows how it is written."""
    with pytest.raises(ConfigError, match=r"server\.allow: 'home' is not a network such as"):
        async with listening(SpeakingNarrator(), allow=("home",)):
            pass


@pytest.mark.parametrize("key", ["max_connections", "max_connections_per_client"])
async def test_too_many_connections(key: str) -> None:
    """One more than the limit is told so, with the key; when one leaves there is room again."""
    limits: dict[str, Any] = {key: 3}
    async with listening(SpeakingNarrator(), **limits) as listener:
        address = listener.addresses[0]
        clients = [Client(*await asyncio.open_connection(address.host, address.port)) for _ in range(3)]
        await clients[-1].send("ping")
        await clients[-1].until("pong")
        async with calling(listener) as refused:
            (error,) = await refused.all()
            assert error.data["code"] == "too-many-connections"
            assert f"{key})" in error.data["text"]
        leaving = clients.pop()
        leaving.writer.write_eof()
        assert await leaving.all() == []
        await leaving.close()
        async with calling(listener) as client:
            await client.send("ping")
            await client.until("pong")
        for client in clients:
            await client.close()


async def test_too_many_requests_of_one_client() -> None:
    """They are counted over all connections of an address; when one has ended there is room again."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator, max_requests_per_client=2) as listener:
        async with calling(listener) as one, calling(listener) as two, calling(listener) as three:
            for client in (one, two):
                await client.say("hello")
                await client.send("ping")
                await client.until("pong")
            await three.stream("hello ")
            await three.send("synthesize-stop")
            events = await three.all()
            assert types(events) == ["error", "synthesize-stopped"]
            assert events[0].data["code"] == "too-many-requests"
            narrator.may_speak.set()
            for client in (one, two):
                await client.until("audio-stop")
        assert await answers("127.0.0.1", listener.addresses[0].port)


async def test_an_event_that_is_too_long() -> None:
    """The error names the key; nothing of the event is read."""
    async with listening(SpeakingNarrator(), max_event_bytes=1024) as listener, calling(listener) as client:
        await client.say("x" * 900)
        await client.until("audio-stop")
        await client.say("x" * 1024)
        (error,) = await client.all()
        assert error.data["code"] == "event-too-long"
        assert "server.max_event_bytes" in error.data["text"]


async def test_a_connection_that_wants_nothing_is_closed() -> None:
    """Not while it is spoken to, however long that takes, nor while it asks now and then."""
    narrator = SpeakingNarrator()
    async with listening(narrator, silent_seconds=0.4) as listener, calling(listener) as client:
        narrator.may_speak.clear()
        await client.say("hello")
        await asyncio.sleep(0.6)
        narrator.may_speak.set()
        await client.until("audio-stop")
        for _ in range(4):
            await asyncio.sleep(0.15)
            await client.send("ping")
            await client.until("pong")
        (error,) = await client.all()
        assert error.data["code"] == "silent-too-long"
        assert "server.silent_seconds" in error.data["text"]


async def test_drain_closes_the_idle_and_lets_the_others_finish() -> None:
    """Who waits for nothing is closed at once; who is spoken to hears the end; nobody else comes in."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator) as listener, calling(listener) as idle, calling(listener) as busy:
        for client in (idle, busy):
            await client.send("ping")
            await client.until("pong")
        await busy.say("hello")
        await busy.send("ping")
        await busy.until("pong")
        draining = asyncio.create_task(listener.drain(PATIENCE))
        assert await idle.all() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", listener.addresses[0].port)
        narrator.may_speak.set()
        assert types(await busy.all()) == SPOKEN
        await draining
        assert listener.ended.is_set()


@pytest.mark.parametrize("streamed", [False, True])
async def test_drain_refuses_what_is_asked_later(streamed: bool) -> None:
    """On a connection that is open already: what was asked before is spoken, and what comes then is refused."""
    narrator = SpeakingNarrator()
    narrator.may_speak.clear()
    async with listening(narrator) as listener, calling(listener) as client:
        await client.say("before")
        await client.send("ping")
        await client.until("pong")
        draining = asyncio.create_task(listener.drain(PATIENCE))
        await asyncio.sleep(0)
        if streamed:
            await client.stream("after ")
            await client.send("synthesize-stop")
        else:
            await client.say("after")
        await client.send("ping")
        await client.until("pong")
        narrator.may_speak.set()
        events = await client.all()
        assert types(events) == [*SPOKEN, "error", *(["synthesize-stopped"] if streamed else [])]
        (error,) = (event for event in events if event.type == "error")
        assert error.data["code"] == "shutting-down"
        await draining


async def test_drain_serves_those_who_had_connected() -> None:
    """Their first request may be on its way: Home Assistant connects and asks at once."""
    async with listening(SpeakingNarrator()) as listener, calling(listener) as client:
        await client.send("ping")
        await client.until("pong")
        draining = asyncio.create_task(listener.drain(PATIENCE))
        await asyncio.sleep(0)
        await client.say("hello")
        assert types(await client.all()) == SPOKEN
        await draining


async def test_drain_tells_those_who_still_wait() -> None:
    """After the time of grace open streams end in an error: a mere end would be taken for success."""
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client:
        await client.stream("one ")
        begun = await client.until("audio-chunk")
        await listener.drain(0.05)
        rest = await client.all()
        assert types(begun + rest) == ["audio-start", "audio-chunk", "error"]
        assert rest[-1].data["code"] == "shutting-down"
        assert narrator.utterances[0].closed.is_set()


async def test_drain_does_not_wait_for_a_client_that_does_not_read() -> None:
    """Whoever blocks is cut off in the end."""
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client:
        await client.say("long " * 1000)
        await client.until("audio-chunk")
        await asyncio.wait_for(listener.drain(0.05), PATIENCE)
        assert narrator.utterances[0].closed.is_set()


async def test_no_task_is_left_behind() -> None:
    """Leaving the context ends every conversation."""
    before = asyncio.all_tasks()
    narrator = SpeakingNarrator()
    async with listening(narrator) as listener, calling(listener) as client, calling(listener) as other:
        await client.stream("one ")
        await client.until("audio-chunk")
        await other.send_raw(b'{"type": "desc')
    assert asyncio.all_tasks() == before
