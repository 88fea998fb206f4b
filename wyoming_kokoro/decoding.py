"""Decodes files and messages. Whatever is wrong with them is a `ValueError`."""

from __future__ import annotations

import sys
from typing import Any, TypeVar

import msgspec

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


def parse_json(content: bytes, kind: type[T], *, strict: bool = True) -> T:
    """Return JSON as `kind`; with `strict=False`, strings may contain numbers. Raises `ValueError`."""
    try:
        return msgspec.json.decode(content, type=kind, strict=strict)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def parse_toml(content: bytes) -> dict[str, Any]:
    """Return the tables of a TOML document. Raises `ValueError`."""
    try:
        # Editors of Windows put a byte order mark at the beginning.
        return tomllib.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
