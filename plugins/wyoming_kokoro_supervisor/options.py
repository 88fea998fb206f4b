"""Turns what the owner says on the add-on's page into a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

ADDON_DEFAULTS = {"plugins": {"zeroconf": {"enabled": False}}}
"""An add-on's network carries no multicast, and the Supervisor is told instead."""


class AddonDevice(msgspec.Struct, frozen=True):
    """A device by the name that Home Assistant knows it by."""

    kind: str
    """A key of `[plugins.warmup.devices]`."""
    name: str


class AddonOptions(msgspec.Struct, frozen=True):
    """The add-on's options; config.yaml beside its Dockerfile has their types."""

    voice: str | UnsetType = UNSET
    speed: float | UnsetType = UNSET
    volume: float | UnsetType = UNSET
    log_level: str | UnsetType = UNSET
    phrases: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    devices: tuple[AddonDevice, ...] = ()


def build_config(options: AddonOptions, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration as config.toml would have it: what `options` say stands before the `own` file."""
    return _merge(_merge(ADDON_DEFAULTS, own), _to_config(options))


def _to_config(options: AddonOptions) -> dict[str, Any]:
    voice = {"name": options.voice, "speed": options.speed, "volume": options.volume}
    warmup: dict[str, Any] = {"phrases": options.phrases, "areas": options.areas, "devices": _by_kind(options.devices)}
    said = {
        "log_level": options.log_level,
        "voice": {key: value for key, value in voice.items() if value is not UNSET},
        "plugins": {"warmup": {key: value for key, value in warmup.items() if value}},
    }
    return {key: value for key, value in said.items() if value is not UNSET}


def _by_kind(devices: tuple[AddonDevice, ...]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for device in devices:
        names.setdefault(device.kind, []).append(device.name)
    return names


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with everything that `above` says in its place; tables are merged."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(under, value) if both else value  # type: ignore[arg-type]
    return merged
