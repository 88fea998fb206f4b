from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path

import pytest

from tests.helpers.servers.protocol_fakes import (
    AUDIO_CYCLE,
    Client,
    FakeSpeechService,
    event_types,
    has_ipv6,
    is_served,
    open_listener,
)
from wyoming_kokoro.errors import ConfigError, StartupError
from wyoming_kokoro.server.endpoints import in_networks, parse_advertised, parse_endpoint, parse_networks
from wyoming_kokoro.types import Address


async def connect_unix(path: Path) -> Client:
    return Client(*await asyncio.open_unix_connection(str(path)))


async def test_port_0_binds_a_free_port_of_the_host() -> None:
    async with open_listener(FakeSpeechService()) as listener:
        (address,) = listener.addresses
        assert address.host == "127.0.0.1"
        assert await is_served(address.host, address.port)


@has_ipv6
async def test_no_host_listens_on_ipv4_and_ipv6_with_one_port() -> None:
    async with open_listener(FakeSpeechService(), "tcp://:0") as listener:
        ipv4, ipv6 = listener.addresses
        assert (ipv4.host, ipv6.host) == ("0.0.0.0", "::")
        assert ipv4.port == ipv6.port
        assert await is_served("127.0.0.1", ipv4.port)
        assert await is_served("::1", ipv6.port)


async def test_no_host_without_ipv6_listens_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    async with open_listener(FakeSpeechService(), "tcp://:0") as listener:
        (address,) = listener.addresses
        assert address.host == "0.0.0.0"
        assert await is_served("127.0.0.1", address.port)


@has_ipv6
async def test_ipv6_address_in_brackets_is_bound() -> None:
    async with open_listener(FakeSpeechService(), "tcp://[::1]:0") as listener:
        (address,) = listener.addresses
        assert address.host == "::1"
        assert await is_served("::1", address.port)


async def test_name_listens_on_all_its_addresses_with_one_port() -> None:
    """`localhost` may have two addresses."""
    async with open_listener(FakeSpeechService(), "tcp://localhost:0") as listener:
        assert len({address.port for address in listener.addresses}) == 1
        for address in listener.addresses:
            assert await is_served(address.host, address.port)


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
async def test_invalid_uri_error_lists_the_valid_forms(uri: str) -> None:
    with pytest.raises(ConfigError, match=r"tcp://HOST:PORT, tcp://:PORT, unix:///PATH or stdio://"):
        async with open_listener(FakeSpeechService(), uri):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1", "", "localhost"])
async def test_port_in_use_is_named_in_the_error(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as blocker:
        port = blocker.getsockname()[1]
        with pytest.raises(StartupError, match=f"^port {port} is in use; [^\n]*$"):
            async with open_listener(FakeSpeechService(), f"tcp://{host}:{port}"):
                pass


@pytest.mark.parametrize(
    ("uri", "reason"),
    [("tcp://192.0.2.1:0", "not an address of this machine"), ("tcp://no.such.invalid:0", "be resolved")],
)
async def test_host_of_another_machine_is_named_in_the_error(uri: str, reason: str) -> None:
    with pytest.raises(StartupError, match=f"{reason}[^\n]*; (use|set) "):
        async with open_listener(FakeSpeechService(), uri):
            pass


async def test_port_can_be_bound_again_after_a_connection() -> None:
    """A server can be restarted at once."""
    async with open_listener(FakeSpeechService()) as listener:
        port = listener.addresses[0].port
        assert await is_served("127.0.0.1", port)
    async with open_listener(FakeSpeechService(), f"tcp://127.0.0.1:{port}"):
        assert await is_served("127.0.0.1", port)


async def test_unix_socket_has_mode_660_and_is_removed(tmp_path: Path) -> None:
    """Networks do not apply to its clients."""
    path = tmp_path / "kokoro.sock"
    async with open_listener(FakeSpeechService(), f"unix://{path}", allowed_networks=("10.0.0.0/8",)) as listener:
        assert listener.addresses == ()
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        client = await connect_unix(path)
        await client.synthesize("hi")
        assert event_types(await client.read_until("audio-stop")) == AUDIO_CYCLE
        await client.close()
    assert not path.exists()


async def test_stale_unix_socket_is_replaced(tmp_path: Path) -> None:
    """A killed server leaves its socket."""
    path = tmp_path / "kokoro.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    async with open_listener(FakeSpeechService(), f"unix://{path}"):
        await (await connect_unix(path)).close()


async def test_unix_socket_in_use_is_an_error(tmp_path: Path) -> None:
    """The first server still accepts clients."""
    uri = f"unix://{tmp_path / 'kokoro.sock'}"
    async with open_listener(FakeSpeechService(), uri):
        with pytest.raises(StartupError, match="in use"):
            async with open_listener(FakeSpeechService(), uri):
                pass
        await (await connect_unix(tmp_path / "kokoro.sock")).close()


async def test_file_at_the_socket_path_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("text of the user")
    with pytest.raises(StartupError, match="not a socket"):
        async with open_listener(FakeSpeechService(), f"unix://{path}"):
            pass
    assert path.read_text() == "text of the user"


async def test_replaced_unix_socket_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "kokoro.sock"
    async with open_listener(FakeSpeechService(), f"unix://{path}"):
        path.rename(tmp_path / "moved.sock")
        path.touch()
    assert path.exists()


async def test_unix_socket_in_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"missing/kokoro\.sock"):
        async with open_listener(FakeSpeechService(), f"unix://{tmp_path}/missing/kokoro.sock"):
            pass


def test_scoped_and_mapped_addresses_belong_to_their_network() -> None:
    networks = parse_networks(("10.0.0.0/8", "fe80::/10"))
    assert in_networks("10.1.2.3", networks)
    assert in_networks("::ffff:10.1.2.3", networks)
    assert in_networks("fe80::1%eth0", networks)
    assert not in_networks("11.0.0.1", networks)
    assert not in_networks("::1", networks)


def test_advertised_address_is_parsed() -> None:
    assert (parse_advertised("own"), parse_advertised("none")) == ("own", "none")
    assert parse_advertised("tcp://voice.lan:10200") == Address("voice.lan", 10200)
    assert parse_advertised("tcp://[fd00::1]:10200") == Address("fd00::1", 10200)


@pytest.mark.parametrize(
    "text", ["", "me", "tcp://:10200", "tcp://voice.lan", "tcp://voice.lan:0", "unix:///run/x", "stdio://"]
)
def test_invalid_advertised_address_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigError, match=r"server\.advertise: .* cannot be announced; use"):
        parse_advertised(text)


@pytest.mark.parametrize("host", [f"{'a' * 64}.lan", "voice..lan", ".lan", "é" * 60])
def test_name_that_no_resolver_accepts_is_a_configuration_error(host: str) -> None:
    with pytest.raises(ConfigError, match=r"server\.uri"):
        parse_endpoint(f"tcp://{host}:10200")
    with pytest.raises(ConfigError, match=r"server\.advertise"):
        parse_advertised(f"tcp://{host}:10200")


@pytest.mark.parametrize("host", ["a" * 63, "voice.lan.", "grüße.lan", "\N{PARTY POPPER}.lan", "fe80::1%eth0"])
def test_unusual_name_is_accepted(host: str) -> None:
    assert parse_advertised(f"tcp://{f'[{host}]' if ':' in host else host}:10200") == Address(host, 10200)


def test_ipv4_mapped_network_is_an_ipv4_network() -> None:
    networks = parse_networks(("::ffff:192.168.1.0/120", "fd00::/8"))
    assert in_networks("192.168.1.7", networks)
    assert in_networks("::ffff:192.168.1.7", networks)
    assert not in_networks("192.168.2.7", networks)
    assert in_networks("fd00::7", networks)
