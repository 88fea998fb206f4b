"""The keys that clients must send, if there are any."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from wyoming_kokoro import ConfigError, PluginContext

VARIABLE = "WYOMING_KOKORO_OPENAI_API_KEYS"


class ApiKeys:
    """Checks keys in constant time."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        # Digests have equal lengths, so that the time does not depend on the length of a key.
        self._digests = tuple({_digest(key) for key in keys})

    @classmethod
    def load(cls, file: str, environment: Mapping[str, str], context: PluginContext) -> ApiKeys:
        """Return the keys of `file`, if it is not empty, and of the environment. Raises `ConfigError`."""
        keys = environment.get(VARIABLE, "").split()
        if file:
            lines = map(str.strip, context.read_secret("api_keys", file).splitlines())
            keys += [line for line in lines if line and not line.startswith("#")]
            if not keys:
                reason = f"{file} has no key; write one in each line"
                raise ConfigError(context.config_source, "plugins.openai.api_keys", reason)
        return cls(keys)

    def accept(self, authorization: str) -> bool:
        """Return whether an Authorization header has one of the keys, or none is required."""
        scheme, _, key = authorization.partition(" ")
        digest = _digest(key.strip() if scheme.lower() == "bearer" else "")
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return any(matches) or not matches


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
