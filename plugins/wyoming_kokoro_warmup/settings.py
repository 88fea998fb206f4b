"""The settings of the plugin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Names = tuple[Name, ...]
Announcement = Annotated[str, Meta(min_length=1, max_length=2000)]


@dataclass(frozen=True, slots=True)
class Devices:
    """`[plugins.warmup.devices]`: the names of devices in Home Assistant, the most requested first."""

    light: Names = ()
    switch: Names = ()
    fan: Names = ()
    cover: Names = ()
    """Blinds, curtains and garage doors."""
    lock: Names = ()
    valve: Names = ()
    door: Names = ()
    """Sensors of doors."""
    window: Names = ()
    """Sensors of windows."""
    motion: Names = ()
    """Sensors of motion or presence."""
    climate: Names = ()
    media_player: Names = ()
    vacuum: Names = ()
    scene: Names = ()
    script: Names = ()
    temperature: Names = ()
    """Temperature sensors with their full names, such as `Kitchen temperature`."""
    humidity: Names = ()
    battery: Names = ()
    person: Names = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.warmup]`."""

    phrases: tuple[Announcement, ...] = ()
    """Announcements of automations."""
    home_assistant: bool = True
    """Whether to synthesize the built-in responses of Home Assistant."""
    areas: Names = ()
    """The rooms, the most requested first."""
    temperature_unit: Literal["C", "F"] = "C"
    learn: bool = True
    """Whether to remember frequent phrases, and to synthesize them again after a change of the voice or model."""
    idle_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 10.0
    """Warmup works only when the server has been idle for this long."""
    cpu_percent: Annotated[float, Meta(ge=1, le=100)] = 50.0
    """The share of time in which warmup works; it rests for the remainder."""
    max_minutes_per_day: Annotated[float, Meta(ge=0, le=1440)] = 30.0
    """Work per day, without rests. A restart begins a new budget."""
    max_cpu_celsius: Annotated[float, Meta(ge=30, le=120)] = 75.0
    """Warmup pauses while the CPU is hotter."""
    devices: Devices = field(default_factory=Devices)
