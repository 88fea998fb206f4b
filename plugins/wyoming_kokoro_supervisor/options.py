"""Converts the options of the add-on's page to a server configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

ADDON_DEFAULTS = {
    "plugins": {
        # The network of an add-on carries no multicast. The Supervisor's discovery replaces zeroconf.
        "zeroconf": {"enabled": False},
        # Other machines reach the API only if the add-on's page maps its port.
        "openai": {"host": "", "allowed_hosts": ("homeassistant.local", "homeassistant")},
    }
}


class AddonDevice(msgspec.Struct, frozen=True):
    """A device, by its name in Home Assistant."""

    kind: str
    """A key of `[plugins.warmup.devices]`."""
    name: str


class AddonOptions(msgspec.Struct, frozen=True):
    """The add-on's options. Their types are in `addon/config.yaml`."""

    voice: str | UnsetType = UNSET
    speed: float | UnsetType = UNSET
    volume: float | UnsetType = UNSET
    log_level: str | UnsetType = UNSET
    phrases: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    devices: tuple[AddonDevice, ...] = ()


def build_config(options: AddonOptions, user_config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of config.toml. `options` override `user_config`."""
    return _merge(_merge(ADDON_DEFAULTS, user_config), _to_config(options))


def _to_config(options: AddonOptions) -> dict[str, Any]:
    devices: dict[str, list[str]] = {}
    for device in options.devices:
        devices.setdefault(device.kind, []).append(device.name)
    voice = {"name": options.voice, "speed": options.speed, "volume": options.volume}
    warmup: dict[str, Any] = {"phrases": options.phrases, "areas": options.areas, "devices": devices}
    config = {
        "log_level": options.log_level,
        "voice": {key: value for key, value in voice.items() if value is not UNSET},
        "plugins": {"warmup": {key: value for key, value in warmup.items() if value}},
    }
    return {key: value for key, value in config.items() if value is not UNSET}


def _merge(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `override`. Tables are merged."""
    merged = dict(base)
    for key, value in override.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(old, value) if both else value  # type: ignore[arg-type]
    return merged
