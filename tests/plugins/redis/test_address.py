from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wyoming_kokoro import ConfigError, PluginUnavailable
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_redis import RedisPlugin
from wyoming_kokoro_redis.address import StoreAddress, parse_address

SECRET = "correct horse/battery:staple@home?#%"


def parse(url: str) -> StoreAddress:
    return parse_address(url, "config.toml", "plugins.redis.url")


@pytest.mark.parametrize(
    ("url", "shown", "hosts", "path", "database"),
    [
        ("redis://voice.lan", "redis://voice.lan:6379", (("voice.lan", 6379),), "", 0),
        ("REDIS://voice.lan/", "redis://voice.lan:6379", (("voice.lan", 6379),), "", 0),
        ("redis://:pw@10.0.0.7:7000/3", "redis://10.0.0.7:7000/3", (("10.0.0.7", 7000),), "", 3),
        ("rediss://kokoro:pw@[fd00::7]:6380", "rediss://[fd00::7]:6380", (("fd00::7", 6380),), "", 0),
        ("redis://[::1]", "redis://[::1]:6379", (("::1", 6379),), "", 0),
        ("unix:///run/redis/redis.sock", "unix:///run/redis/redis.sock", (), "/run/redis/redis.sock", 0),
        ("unix://kokoro:pw@/run/redis.sock", "unix:///run/redis.sock", (), "/run/redis.sock", 0),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock/2", (), "/run/redis.sock", 2),
        ("redis://voice.lan\n", "redis://voice.lan:6379", (("voice.lan", 6379),), "", 0),
        (
            "redis+sentinel://a,b:26380/mymaster/2",
            "redis+sentinel://a:26379,b:26380/mymaster/2",
            (("a", 26379), ("b", 26380)),
            "mymaster",
            2,
        ),
        ("rediss+cluster://a,b:7001", "rediss+cluster://a:6379,b:7001", (("a", 6379), ("b", 7001)), "", 0),
    ],
)
def test_address_is_parsed_and_shown_without_secrets(
    url: str, shown: str, hosts: tuple[tuple[str, int], ...], path: str, database: int
) -> None:
    address = parse(url)
    assert str(address) == shown
    assert (address.hosts, address.path, address.database) == (hosts, path, database)


@pytest.mark.parametrize(
    "url",
    [
        "voice.lan",
        "http://voice.lan",
        "redis://",
        "redis://:6379",
        "redis://voice.lan:x",
        "redis://voice.lan:0",
        "redis://voice.lan:70000",
        "redis://voice.lan/x",
        "redis://voice.lan/-1",
        "redis://a,b",
        "redis://[::1",
        "redis://[::1]x",
        "redis://voice.lan?timeout=1",
        "redis://voice.lan?db=1",
        "unix:///run/redis.sock?db=x",
        "unix:///run/redis.sock?db=-1",
        "unix:///run/redis.sock?ssl_ca_certs=x",
        "redis+sentinel://a",
        "redis+sentinel://a/",
        "redis+sentinel://a/master/x",
        "redis+sentinel://user:7/word@a/master",
        "redis+cluster://a/1",
        "unix://",
    ],
)
def test_wrong_address_is_refused_with_the_setting(url: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: plugins\.redis\.url: "):
        parse(url)


@pytest.mark.parametrize("host", ["voice.lan:x", "voice.lan/x", "a,b", "voice.lan?x=1", ""])
@pytest.mark.parametrize("password", [SECRET, quote(SECRET, safe="")])
def test_error_contains_no_part_of_the_password(host: str, password: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(f"redis://kokoro:{password}@{host}")
    assert not any(part in str(error.value) for part in ("correct", "horse", "battery", "staple"))
    assert error.value.__context__ is None or error.value.__suppress_context__


@given(some.text(min_size=1).filter(lambda text: text.strip("*")), some.text())
def test_any_password_is_read_and_never_shown(password: str, username: str) -> None:
    try:
        url = f"redis://{quote(username, safe='')}:{quote(password, safe='')}@voice.lan"
    except UnicodeEncodeError:
        return
    address = parse(url)
    assert (address.username, address.password) == (username, password)
    assert str(address) == "redis://voice.lan:6379"
    assert "password" not in repr(address)


@given(some.text())
def test_any_text_is_an_address_or_a_config_error(text: str) -> None:
    for scheme in ("", "redis://", "unix://", "redis+sentinel://", "rediss+cluster://"):
        with suppress(ConfigError):
            parse(scheme + text)


def plugin(folder: Path, **table: Any) -> RedisPlugin:
    return RedisPlugin(plugin_context("redis", folder, table))


def test_without_address_the_plugin_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(PluginUnavailable, match="set url"):
        plugin(tmp_path)


def test_environment_replaces_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WYOMING_KOKORO_REDIS_URL", "redis://:pw@other.lan")
    assert str(plugin(tmp_path, url="redis://voice.lan")._address) == "redis://other.lan:6379"
    monkeypatch.setenv("WYOMING_KOKORO_REDIS_URL", "nonsense")
    with pytest.raises(ConfigError, match="the environment: WYOMING_KOKORO_REDIS_URL: is not an address"):
        plugin(tmp_path)


def test_password_file_replaces_the_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    address = plugin(tmp_path, url="redis://kokoro:old@voice.lan", password_file=str(file))._address
    assert (address.username, address.password) == ("kokoro", SECRET)


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [(b"x", 0o644, "chmod 600"), (b"\n", 0o600, "is empty"), (b"\xff", 0o600, "not UTF-8"), (None, 0, "cannot read")],
)
def test_unusable_password_file_is_refused(tmp_path: Path, content: bytes | None, mode: int, message: str) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    with pytest.raises(ConfigError, match=rf"plugins\.redis\.password_file: .*{message}"):
        plugin(tmp_path, url="redis://voice.lan", password_file=str(file))


def test_pipe_in_place_of_a_password_file_is_refused(tmp_path: Path) -> None:
    """It would block the start."""
    os.mkfifo(tmp_path / "password")
    with pytest.raises(ConfigError, match=r"plugins\.redis\.password_file: .* is a pipe; use a file"):
        plugin(tmp_path, url="redis://voice.lan", password_file=str(tmp_path / "password"))


def test_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'wyoming-kokoro\[redis\]'"):
        plugin(tmp_path, url="redis://voice.lan")
