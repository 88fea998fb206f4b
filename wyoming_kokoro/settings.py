"""Typed settings: a TOML table becomes a frozen dataclass or a `ConfigError`.

msgspec checks types, literals and ranges (`Annotated[float, Meta(ge=0)]`). This module adds unknown keys, with a
suggestion, and clearer messages.
"""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from wyoming_kokoro.errors import ConfigError

T = TypeVar("T")


def parse_settings(cls: type[T], table: Mapping[str, Any], source: str, section: str = "") -> T:
    """Return `table` as the dataclass `cls`. Absent keys get their defaults.

    `source` names the file and `section` the table in messages. Raises `ConfigError` for unknown keys, wrong types
    and values out of range.
    """
    _check_table(cls, table, source, section)
    try:
        return msgspec.convert(dict(table), cls)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        key = ".".join(part for part in (section, path.strip("`.")) if part)
        raise ConfigError(source, key, reason) from None


def did_you_mean(word: str, known: list[str]) -> str:
    """Return a suffix for a message about an unknown `word`: the most similar known word, or all of them."""
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known: {', '.join(sorted(known))}" if known else "; there are none"


def is_utf8(text: str) -> bool:
    """Return whether `text` has only characters; Python puts other bytes of names and options into lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def expand_path(text: str) -> Path:
    """Return the path `text`, in which `~` is the user's home. The name of an unknown home stays as it is."""
    # `Path.expanduser` raises for an unknown home. That no file is at the path is the clearer error.
    return Path(os.path.expanduser(text))  # noqa: PTH111


def _check_table(cls: type, table: Mapping[str, Any], source: str, section: str) -> None:
    hints = get_type_hints(cls)
    known = [field.name for field in fields(cls) if "internal" not in field.metadata]
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if key not in known:
            raise ConfigError(source, name, f"unknown key{did_you_mean(key, known)}")
        if is_dataclass(hints[key]):
            if not isinstance(value, Mapping):
                raise ConfigError(source, name, f"must be a table: [{name}]")
            _check_table(hints[key], value, source, name)
        else:
            _check_value(hints[key], value, source, name)


def _check_value(hint: Any, value: object, source: str, name: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(source, name, f"must be a finite number, not {value}")
    if isinstance(value, str) and not is_utf8(value):
        raise ConfigError(source, name, f"must be UTF-8, not {value!r}")
    if isinstance(value, str) and "\0" in value:
        raise ConfigError(source, name, f"must have no null character: {value!r}")
    if get_origin(hint) is Literal and value not in get_args(hint):
        raise ConfigError(source, name, f"must be one of {', '.join(map(str, get_args(hint)))}")
    if get_origin(hint) is dict and isinstance(value, Mapping):
        item_type = get_args(hint)[1]
        for key, item in value.items():
            if item_type is str:
                if not isinstance(item, str):
                    raise ConfigError(source, f"{name}.{key}", "must be a string")
                _check_value(str, item, source, f"{name}.{key}")
            elif not isinstance(item, Mapping):
                raise ConfigError(source, f"{name}.{key}", f"must be a table: [{name}.{key}]")
            elif isinstance(item_type, type) and is_dataclass(item_type):
                # An error of msgspec does not contain the key of a dictionary.
                parse_settings(item_type, item, source, f"{name}.{key}")
