"""What the owner may say about warming up, and about the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Names = tuple[Name, ...]
Announcement = Annotated[str, Meta(min_length=1, max_length=2000)]


@dataclass(frozen=True, slots=True)
class Devices:
    """`[plugins.warmup.devices]`: the names in Home Assistant, those that are asked about most first."""

    light: Names = ()
    switch: Names = ()
    fan: Names = ()
    cover: Names = ()
    """Blinds, curtains, garage doors: what Home Assistant opens and closes."""
    lock: Names = ()
    valve: Names = ()
    door: Names = ()
    """Sensors that tell whether a door is open."""
    window: Names = ()
    """Sensors that tell whether a window is open."""
    motion: Names = ()
    """Sensors of motion or presence."""
    climate: Names = ()
    media_player: Names = ()
    vacuum: Names = ()
    scene: Names = ()
    script: Names = ()
    temperature: Names = ()
    """Sensors, by their full names: `Kitchen temperature`."""
    humidity: Names = ()
    battery: Names = ()
    person: Names = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.warmup]`."""

    phrases: tuple[Announcement, ...] = ()
    """What automations announce."""
    home_assistant: bool = True
    """Whether Home Assistant's own answers are made."""
    areas: Names = ()
    """The rooms, those that are asked about most first."""
    shopping: Names = ()
    """What is put on the shopping list; empty for what most people buy."""
    temperature_unit: Literal["C", "F"] = "C"
    learn: bool = True
    """Whether what this house says again and again is remembered and made."""
    idle_seconds: Annotated[float, Meta(ge=0, le=86_400)] = 10.0
    """Nothing is made until nobody was spoken to for so long."""
    cpu_percent: Annotated[float, Meta(ge=1, le=100)] = 50.0
    """The share of its time that warming up may work; it rests for the remainder."""
    max_minutes_per_day: Annotated[float, Meta(ge=0, le=1440)] = 30.0
    """Work in a day."""
    max_megabytes_per_day: Annotated[float, Meta(ge=0, le=1_000_000)] = 200.0
    """What a day's phrases may write to the disk."""
    max_cpu_celsius: Annotated[float, Meta(ge=30, le=120)] = 75.0
    """Nothing is made while the processor is hotter."""
    devices: Devices = field(default_factory=Devices)
