"""The units that Home Assistant prints, and how English says them."""

from __future__ import annotations

import re

SPACED = {
    "A": ("amp", "amps"),
    "d": ("day", "days"),
    "g": ("gram", "grams"),
    "h": ("hour", "hours"),
    "K": ("kelvin", "kelvin"),
    "L": ("liter", "liters"),
    "m": ("meter", "meters"),
    "s": ("second", "seconds"),
    "bar": ("bar", "bar"),
    "ft": ("foot", "feet"),
    "min": ("minute", "minutes"),
    "mi": ("mile", "miles"),
    "var": ("var", "var"),
}
"""Units that need a space before them, since `5s`, `4K` and `1st` mean other things."""

ATTACHED = {
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "%": ("percent", "percent"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "Wh": ("watt hour", "watt hours"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "MWh": ("megawatt hour", "megawatt hours"),
    "V": ("volt", "volts"),
    "mV": ("millivolt", "millivolts"),
    "kV": ("kilovolt", "kilovolts"),
    "VA": ("volt ampere", "volt amperes"),
    "mA": ("milliamp", "milliamps"),
    "Ah": ("amp hour", "amp hours"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "lx": ("lux", "lux"),
    "lm": ("lumen", "lumens"),
    "dB": ("decibel", "decibels"),
    "dBm": ("decibel milliwatt", "decibel milliwatts"),
    "Pa": ("pascal", "pascals"),
    "hPa": ("hectopascal", "hectopascals"),
    "kPa": ("kilopascal", "kilopascals"),
    "mbar": ("millibar", "millibars"),
    "inHg": ("inch of mercury", "inches of mercury"),
    "psi": ("P S I", "P S I"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "m/s": ("meter per second", "meters per second"),
    "mph": ("mile per hour", "miles per hour"),
    "mm/h": ("millimeter per hour", "millimeters per hour"),
    "μg/m³": ("microgram per cubic meter", "micrograms per cubic meter"),
    "µg/m³": ("microgram per cubic meter", "micrograms per cubic meter"),  # the other micro: both are in use
    "mg/m³": ("milligram per cubic meter", "milligrams per cubic meter"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "W/m²": ("watt per square meter", "watts per square meter"),
    "m²": ("square meter", "square meters"),
    "m³": ("cubic meter", "cubic meters"),
    "m³/h": ("cubic meter per hour", "cubic meters per hour"),
    "L/min": ("liter per minute", "liters per minute"),
    "mm": ("millimeter", "millimeters"),
    "cm": ("centimeter", "centimeters"),
    "km": ("kilometer", "kilometers"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "mL": ("milliliter", "milliliters"),
    "ml": ("milliliter", "milliliters"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "ms": ("millisecond", "milliseconds"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "kbit/s": ("kilobit per second", "kilobits per second"),
    "Mbit/s": ("megabit per second", "megabits per second"),
    "MB/s": ("megabyte per second", "megabytes per second"),
}
"""Units that may follow the number directly: singular and plural."""

NAMES = {**SPACED, **ATTACHED}


def _alternatives(units: dict[str, tuple[str, str]]) -> str:
    return "|".join(re.escape(unit) for unit in sorted(units, key=len, reverse=True))


PATTERN = rf"(?:\s?(?:{_alternatives(ATTACHED)})|\s(?:{_alternatives(SPACED)}))(?![\w/²³])"
"""A unit behind a number."""


def spoken(match: re.Match[str]) -> str:
    """Say a number with its unit; only `1` is singular. Groups: `number`, `unit`."""
    one, many = NAMES[match["unit"].strip()]
    return f"{match['number']} {one if match['number'] == '1' else many}"
