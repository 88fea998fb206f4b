"""The commands of the store, on the client of the package redis."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from uuid import uuid4

from wyoming_kokoro_redis.address import StoreAddress

PREFIX = "wyoming-kokoro:1:"
"""All keys begin with it. Raise the number when the form of the values changes."""
CALL_TIMEOUT_SECONDS = 2.0
"""For connecting, and for each answer. Lookups have a deadline of their own."""
CLAIM_MS = 10_000
"""How long a server has for a recording, before another one may begin it too: a long sentence on a slow machine."""
MAX_VALUE_BYTES = 10_000_000
"""More than the longest recording (`MAX_SAMPLES`) takes. A longer value is not ours, and is not read to its end."""
FOREIGN = b"foreign"
"""Stands for a value of another type, such as a list."""
CLEAR_BATCH = 500
PROBE = "probe"
"""The name of no recording, to see what the store allows."""
MEGABYTE = 1_000_000

Command = tuple["str | bytes | int", ...]


class StoreClient:
    """A client of the store, for any thread. Its methods block, for seconds if the store fails, and raise anything."""

    def __init__(self, address: StoreAddress) -> None:
        self._redis = _create_redis(address)
        self._owner = uuid4().hex.encode()

    def get(self, name: str) -> bytes | None:
        """Return the value of `name`."""
        return _value(*self._run(_get_command(name)))

    def get_or_claim(self, name: str) -> tuple[bytes | None, bool]:
        """Return the value of `name`, and whether another server has claimed it. If there is neither, claim it."""
        claim = _claim_key(name)
        # The value comes last: another server may store it and end its claim between two commands.
        commands = ("SET", claim, self._owner, "NX", "PX", CLAIM_MS), ("GET", claim), _get_command(name)
        _, owner, answer = self._run(*commands)
        value = _value(answer)
        # A store that is full accepts no claim, and answers with an error.
        is_elsewhere = isinstance(owner, bytes) and owner != self._owner
        return value, value is None and is_elsewhere

    def set(self, name: str, value: bytes) -> None:
        """Set the value of `name`, and end the claim."""
        _checked(self._run(("SET", PREFIX + name, value), ("DEL", _claim_key(name)))[0])

    def end_claim(self, name: str) -> None:
        """End the claim of `name`, which this server must have."""
        self._redis.delete(_claim_key(name))

    def try_write(self) -> None:
        """Send the commands of writes and claims, to see whether the store allows them."""
        key = PREFIX + PROBE
        for answer in self._run(("SET", key, b""), ("GET", key), ("DEL", key)):
            _checked(answer)

    def describe(self) -> str:
        """Return the version, the policy and the size of the store."""
        from redis.exceptions import ResponseError  # noqa: PLC0415 slow

        try:
            info = self._redis.info()
        except ResponseError:
            # The user may lack the permission.
            return "a server that does not tell its version"
        return _describe(info)

    def clear(self) -> None:
        """Delete all keys."""
        keys = list(self._redis.scan_iter(match=PREFIX + "*", count=CLEAR_BATCH))
        for begin in range(0, len(keys), CLEAR_BATCH):
            for answer in self._run(*(("UNLINK", key) for key in keys[begin : begin + CLEAR_BATCH])):
                _checked(answer)

    def close(self) -> None:
        """Disconnect."""
        self._redis.close()

    def _run(self, *commands: Command) -> list[Any]:
        """Return the answers to commands that are sent together. An answer may be an exception."""
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        answers: list[Any] = pipeline.execute(raise_on_error=False)
        return answers


def _checked(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _get_command(name: str) -> Command:
    return "GETRANGE", PREFIX + name, 0, MAX_VALUE_BYTES - 1


def _value(answer: Any) -> bytes | None:
    """Return the value in the answer to `_get_command`. No value is as long as an empty one."""
    if isinstance(answer, Exception) and str(answer).startswith("WRONGTYPE"):
        return FOREIGN
    return _checked(answer) or None


def _claim_key(name: str) -> str:
    return f"{PREFIX}{name}:claim"


def _describe(info: dict[str, Any]) -> str:
    product = "Valkey" if info.get("server_name") == "valkey" else "Redis"
    version = info.get("valkey_version") or info.get("redis_version", "")
    used, limit = (info.get(key, 0) // MEGABYTE for key in ("used_memory", "maxmemory"))
    size = f"{used} of {limit} MB" if limit else f"{used} MB without a limit"
    return ", ".join(filter(None, (f"{product} {version}", info.get("maxmemory_policy"), size)))


def _create_redis(address: StoreAddress) -> Any:
    # The import takes 0.1 s. Some of the package has no types.
    redis: Any = import_module("redis")
    settings: dict[str, Any] = {
        "username": address.username or None,
        "password": address.password or None,
        "socket_timeout": CALL_TIMEOUT_SECONDS,
        "socket_connect_timeout": CALL_TIMEOUT_SECONDS,
        # A connection that the store has closed meanwhile is opened again.
        "retry": redis.retry.Retry(redis.backoff.NoBackoff(), 1, (redis.ConnectionError,)),
        # The other protocol needs more messages for each new connection.
        "protocol": 2,
    }
    if address.kind == "socket":
        return redis.Redis(unix_socket_path=address.path, db=address.database, **settings)
    if address.is_encrypted:
        settings |= {"ssl": True, **address.tls_options}
    if address.kind == "cluster":
        nodes = [redis.cluster.ClusterNode(host, port) for host, port in address.hosts]
        return redis.RedisCluster(startup_nodes=nodes, **settings)
    if address.kind == "sentinel":
        logins = {name: address.options.get(f"sentinel_{name}") for name in ("username", "password")}
        sentinel = redis.Sentinel(address.hosts, sentinel_kwargs=settings | logins)
        return sentinel.master_for(address.path, db=address.database, **settings)
    ((host, port),) = address.hosts
    return redis.Redis(host=host, port=port, db=address.database, **settings)
