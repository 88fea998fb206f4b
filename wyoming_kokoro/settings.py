"""Strict, typed settings: a TOML table becomes a frozen dataclass or a `ConfigError`.

msgspec checks types, literals and ranges (`Annotated[float, Meta(ge=0)]`); this module adds what a person
needs when a key is misspelt.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from wyoming_kokoro.errors import ConfigError

T = TypeVar("T")


def parse_settings(cls: type[T], table: Mapping[str, Any], source: str, section: str = "") -> T:
    """Return `cls` filled from `table`; keys that are absent keep their defaults.

    `source` names the file and `section` the table in messages. Raises `ConfigError` for an unknown key,
    a wrong type or a value out of range.
    """
    _examine(cls, table, source, section)
    try:
        return msgspec.convert(dict(table), cls)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        key = ".".join(part for part in (section, path.strip("`.")) if part)
        raise ConfigError(source, key, reason) from None


def _examine(cls: type, table: Mapping[str, Any], source: str, section: str) -> None:
    """Raise the `ConfigError`s that say more than msgspec's: for unknown keys, choices and free tables."""
    hints = get_type_hints(cls)
    known = [field.name for field in fields(cls) if "internal" not in field.metadata]
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if key not in known:
            raise ConfigError(source, name, f"unknown key{did_you_mean(key, known)}")
        if is_dataclass(hints[key]) and isinstance(value, Mapping):
            _examine(hints[key], value, source, name)
        else:
            _examine_value(hints[key], value, source, name)


def _examine_value(hint: Any, value: object, source: str, name: str) -> None:
    if get_origin(hint) is Literal and value not in get_args(hint):
        raise ConfigError(source, name, f"must be one of {', '.join(map(str, get_args(hint)))}")
    if get_origin(hint) is dict and isinstance(value, Mapping):
        for key, inner in value.items():
            if get_args(hint)[1] is str and not isinstance(inner, str):
                raise ConfigError(source, f"{name}.{key}", "must be a string")
            if get_args(hint)[1] is not str and not isinstance(inner, Mapping):
                raise ConfigError(source, f"{name}.{key}", f"must be a table: [{name}.{key}]")
            of = get_args(hint)[1]
            if isinstance(of, type) and is_dataclass(of):
                parse_settings(of, inner, source, f"{name}.{key}")  # msgspec would not tell which table it is


def did_you_mean(word: str, known: list[str]) -> str:
    """Return what to append to a message about an unknown `word`."""
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(sorted(known))}" if known else "; there are none"
