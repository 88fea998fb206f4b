"""Strict, typed settings: a TOML table becomes a frozen dataclass or a `ConfigError`.

msgspec checks types, literals and ranges (`Annotated[float, Meta(ge=0)]`); this module adds what a person
needs when a key is misspelt.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

import msgspec

from wyoming_kokoro.errors import ConfigError

T = TypeVar("T")


def fill(cls: type[T], table: Mapping[str, Any], where: str, section: str = "") -> T:
    """Return `cls` filled from `table`; keys that are absent keep their defaults.

    `where` names the file and `section` the table in messages. Raises `ConfigError` for an unknown key,
    a wrong type or a value out of range.
    """
    reject_unknown(cls, table, where, section)
    try:
        return msgspec.convert(dict(table), cls)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        key = ".".join(part for part in (section, path.strip("`.")) if part)
        raise ConfigError(where, key, reason) from None


def reject_unknown(cls: type, table: Mapping[str, Any], where: str, section: str) -> None:
    """Raise `ConfigError`, with the nearest known key, for keys that `cls` and its sub-tables do not have."""
    hints = get_type_hints(cls)
    known = [field.name for field in fields(cls)]
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if key not in known:
            raise ConfigError(where, name, f"unknown key{suggestion(key, known)}")
        if is_dataclass(hints[key]) and isinstance(value, Mapping):
            reject_unknown(hints[key], value, where, name)


def suggestion(word: str, known: list[str]) -> str:
    """Return what to append to a message about an unknown `word`."""
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(sorted(known))}" if known else "; there are none"
