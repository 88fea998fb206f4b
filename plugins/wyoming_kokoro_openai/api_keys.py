"""The keys that clients must send, if there are any."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from wyoming_kokoro import ConfigError

VARIABLE = "WYOMING_KOKORO_OPENAI_API_KEYS"
SETTING = "plugins.openai.api_keys"


class ApiKeys:
    """Checks keys in constant time."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        # Digests have equal lengths, so that the time does not depend on the length of a key.
        self._digests = tuple({_digest(key) for key in keys})

    @classmethod
    def load(cls, file: str, environment: Mapping[str, str], source: str) -> ApiKeys:
        """Return the keys of `file`, if it is not empty, and of the environment. Raises `ConfigError`."""
        keys = environment.get(VARIABLE, "").split()
        if file:
            lines = [line.strip() for line in _read(Path(file).expanduser(), source)]
            keys += [line for line in lines if line and not line.startswith("#")]
            if not keys:
                raise ConfigError(source, SETTING, f"{file} has no key; write one in each line")
        return cls(keys)

    def accept(self, authorization: str) -> bool:
        """Return whether an Authorization header has one of the keys, or none is required."""
        scheme, _, key = authorization.partition(" ")
        digest = _digest(key.strip() if scheme.lower() == "bearer" else "")
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return any(matches) or not matches


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _read(file: Path, source: str) -> list[str]:
    try:
        # It would block the start.
        if file.is_fifo():
            raise ConfigError(source, SETTING, f"{file} is a pipe; use a file")
        with file.open(encoding="utf-8") as opened:
            if os.name == "posix" and stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                raise ConfigError(source, SETTING, f"other users can read {file}; run chmod 600 {file}")
            return opened.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(source, SETTING, f"cannot read {file}: {reason}") from None
