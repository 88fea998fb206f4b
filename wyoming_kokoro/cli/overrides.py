"""Settings that can be given on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wyoming_kokoro.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Override:
    """One option that sets one key of the configuration."""

    section: str
    """Empty for a top-level key."""
    key: str
    parse: Callable[[str], object]
    help: str


OVERRIDES = {
    "uri": Override("server", "uri", str, "tcp://HOST:PORT, unix:///PATH or stdio://"),
    "voice": Override("voice", "name", str, "the default voice"),
    "speed": Override("voice", "speed", float, "0.25 to 4.0"),
    "volume": Override("voice", "volume", float, "0.0 to 4.0"),
    "quality": Override("voice", "quality", str, "the model that speaks: auto, full or distilled"),
    "rate": Override("audio", "rate", int, "samples per second of the audio: 24000, 22050, 16000 or 48000"),
    "model": Override("model", "path", str, "a kokoro-onnx v1.0 model file, or the name of a downloaded one"),
    "cache": Override("directories", "cache", str, "the cache directory"),
    "state": Override("directories", "state", str, "the state directory"),
    "log-level": Override("", "log_level", str, "debug, info, warning or error"),
}


def add_options(parser: argparse.ArgumentParser, default: Any) -> None:
    """Add `--config` and an option for each override; `default` is the value of an option that is not given."""
    group = parser.add_argument_group("settings (override environment variables and the config file)")
    group.add_argument("--config", type=Path, metavar="FILE", default=default, help="the configuration file")
    for name, override in OVERRIDES.items():
        metavar = name.upper().replace("-", "_")
        group.add_argument(f"--{name}", dest=name, default=default, metavar=metavar, help=override.help)


def given_settings(options: argparse.Namespace) -> dict[tuple[str, str], object]:
    """Return the values of the options that were given, by section and key. Raises `ConfigError`."""
    values: dict[tuple[str, str], object] = {}
    for name, text in _given(options).items():
        override = OVERRIDES[name]
        try:
            values[override.section, override.key] = override.parse(text)
        except ValueError:
            raise ConfigError("command line", f"--{name}", f"{text!r} is not a number") from None
    return values


def given_arguments(options: argparse.Namespace) -> list[str]:
    """Return the settings of this command line as the arguments of another one."""
    arguments = ["--config", str(options.config.absolute())] if options.config else []
    for name, text in _given(options).items():
        arguments += [f"--{name}", text]
    return arguments


def _given(options: argparse.Namespace) -> dict[str, str]:
    return {name: text for name in OVERRIDES if (text := getattr(options, name)) is not None}
