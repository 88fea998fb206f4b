"""The configuration: one frozen dataclass for each table of `config.toml` except `[plugins.*]`.

Each plugin defines its own `Settings`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from msgspec import Meta

from wyoming_kokoro.decoding import parse_toml
from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.settings import expand_path, is_utf8, parse_settings
from wyoming_kokoro.types import QualitySetting

APP_NAME = "wyoming-kokoro"
OutputRate = Literal[24_000, 22_050, 16_000, 48_000]
"""Samples per second of the audio that clients receive."""
Milliseconds = Annotated[int, Meta(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """The address, and the limits for clients."""

    uri: str = "tcp://:10200"
    """`tcp://HOST:PORT` (without a host: all interfaces, IPv4 and IPv6), `unix:///PATH` or `stdio://`."""
    allowed_networks: tuple[str, ...] = ()
    """Networks that may connect, such as `192.168.1.0/24`. Empty: all."""
    proxies: tuple[str, ...] = ()
    """Networks of load balancers. Their connections must begin with a PROXY header."""
    advertise: str = "own"
    """What Home Assistant discovers: `own` addresses, `none`, or `tcp://HOST:PORT` of a load balancer."""
    shutdown_grace_seconds: Annotated[float, Meta(ge=0, le=600)] = 10.0
    """How long open streams may continue after the signal to stop."""
    stream_timeout_seconds: Annotated[float, Meta(gt=0)] = 300.0
    """Finish a stream that gets no new text for this long."""
    sentence_timeout_seconds: Annotated[float, Meta(gt=0)] = 0.5
    """Speak a complete sentence of a stream when no new text arrives for this long."""
    max_text_characters: Annotated[int, Meta(ge=1)] = 100_000
    """The maximum text length of one request."""
    max_audio_seconds: Annotated[float, Meta(ge=1)] = 7200.0
    """The maximum length of the audio of one request. A few characters, such as `½`, can be many words."""
    max_event_bytes: Annotated[int, Meta(ge=1024, le=16 * 1024 * 1024)] = 1024 * 1024
    """The maximum size of one event, without its header."""
    max_streams: Annotated[int, Meta(ge=0)] = 0
    """Requests that use the full model at the same time. 0: as many as the machine can synthesize in real time."""
    max_wait_seconds: Annotated[float, Meta(ge=0, le=600)] = 10.0
    """How long a request may wait until the full model has time for it. 0: refuse it at once."""
    max_requests_per_client: Annotated[int, Meta(ge=1)] = 32
    """Active requests of one address, on all of its connections."""
    max_connections: Annotated[int, Meta(ge=1, le=10_000)] = 100
    max_connections_per_client: Annotated[int, Meta(ge=1)] = 50
    """Connections of one address."""
    connection_timeout_seconds: Annotated[float, Meta(gt=0)] = 600.0
    """Close connections that are idle for this long."""


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """The default voice, and how all voices speak."""

    name: str = "af_heart"
    speed: Annotated[float, Meta(ge=0.25, le=4.0)] = 1.0
    volume: Annotated[float, Meta(ge=0.0, le=4.0)] = 1.0
    """Linear gain. Peaks above full scale are limited."""
    loudness: Literal["normalized", "original"] = "normalized"
    """`normalized`: all voices are equally loud; `original`: as loud as the model makes them."""
    quality: QualitySetting = "auto"
    """The model that speaks: `auto` uses the full model when it is fast enough, else the distilled one."""
    first_audio_ms: Milliseconds = 120
    """With `auto`, the full model speaks only if its first audio is expected within this time."""
    fallback: str = ""
    """The voice or blend that speaks if no model can speak the requested voice of that language. Empty: none."""


@dataclass(frozen=True, slots=True)
class VoiceAlias:
    """A voice that the operator defines."""

    base: str
    """A voice, or a blend such as `af_heart*2+af_bella`."""
    speed: Annotated[float, Meta(ge=0.25, le=4.0)] = 1.0
    """Multiplies the speed of `[voice]`."""
    volume: Annotated[float, Meta(ge=0.0, le=4.0)] = 1.0
    """Multiplies the volume of `[voice]`."""
    language: str = ""
    """The language, such as `en-GB`. Empty: the language of the base, or of the first voice of a blend."""
    quality: Literal["", "auto", "full", "distilled"] = ""
    """Empty: the quality of `[voice]`."""
    fallback: str = ""
    """The voice or blend of the same language that speaks if this one fails. Empty: the fallback of `[voice]`."""
    rate: Literal[0, OutputRate] = 0
    """0: the rate of `[audio]`."""
    chime: str = ""
    """A sound file that plays before the speech. A relative path starts at the configuration file. Empty: no chime."""
    description: str = ""
    """The text in a client's list. Empty: a text made from the name and the base, sorted after the model's voices."""


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """Silence around and between segments, in milliseconds."""

    lead_in_ms: Milliseconds = 0
    tail_ms: Milliseconds = 100
    clause_ms: Milliseconds = 120
    sentence_ms: Milliseconds = 300
    paragraph_ms: Milliseconds = 600


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """The format of the audio that clients receive."""

    rate: OutputRate = 24_000
    """Samples per second. 24000 is the rate of the model; all others are resampled."""


@dataclass(frozen=True, slots=True)
class TextConfig:
    """How the language of a text is found."""

    languages: tuple[str, ...] = ()
    """Further languages of the household. A sentence that is surely in one of them is read in it."""


@dataclass(frozen=True, slots=True)
class MarkupConfig:
    """Control inside the text. What is turned off is read as plain text."""

    tags: bool = True
    """Tags such as `[pause:0.8s]` and `[rate:0.9]...[/rate]`."""
    ssml: bool = True
    """SSML in a text that begins with `<speak`, or in a request with `text_format: ssml`."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The model files. Empty paths select the model and the voices that wyoming-kokoro contains."""

    path: str = ""
    voices: str = ""
    threads: Annotated[int, Meta(ge=0, le=64)] = 0
    """Threads of one inference. 0: the number of CPUs, at most 4."""


@dataclass(frozen=True, slots=True)
class InferenceConfig:
    """The provider that runs the model."""

    provider: str = ""
    """The provider that runs every stage that it can run. Empty: the fastest one."""


@dataclass(frozen=True, slots=True)
class Directories:
    """The folders for files. Empty paths select the user's cache and state directories."""

    cache: str = ""
    state: str = ""

    @property
    def cache_path(self) -> Path:
        """The folder for files that can be created again. Raises `ConfigError` for a user without a home."""
        return _directory("cache", self.cache, platformdirs.user_cache_path)

    @property
    def state_path(self) -> Path:
        """The folder for files that cannot be created again. Raises `ConfigError` for a user without a home."""
        return _directory("state", self.state, platformdirs.user_state_path)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    server: ServerConfig = field(default_factory=ServerConfig)
    voice: VoiceConfig = field(default_factory=VoiceConfig)
    voices: dict[str, VoiceAlias] = field(default_factory=dict)
    """The operator's own voices, by name."""
    speech: SpeechConfig = field(default_factory=SpeechConfig)
    text: TextConfig = field(default_factory=TextConfig)
    markup: MarkupConfig = field(default_factory=MarkupConfig)
    audio: AudioConfig = field(default_factory=AudioConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    inference: InferenceConfig = field(default_factory=InferenceConfig)
    directories: Directories = field(default_factory=Directories)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    required_plugins: tuple[str, ...] = ()
    """Plugins that must load. If one fails, the server does not start."""
    plugins: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The table of each plugin. `enabled = false` disables a plugin."""
    source: str = field(default="the defaults", metadata={"internal": True})
    """The file that the configuration was read from, for messages."""


ENVIRONMENT: Mapping[str, tuple[str, str, type]] = {
    "WYOMING_KOKORO_URI": ("server", "uri", str),
    "WYOMING_KOKORO_VOICE": ("voice", "name", str),
    "WYOMING_KOKORO_SPEED": ("voice", "speed", float),
    "WYOMING_KOKORO_VOLUME": ("voice", "volume", float),
    "WYOMING_KOKORO_QUALITY": ("voice", "quality", str),
    "WYOMING_KOKORO_MODEL": ("model", "path", str),
    "WYOMING_KOKORO_CACHE": ("directories", "cache", str),
    "WYOMING_KOKORO_STATE": ("directories", "state", str),
}
"""The table, the key and the type that each environment variable sets."""
SYSTEMD_DIRECTORIES: Mapping[str, str] = {"cache": "CACHE_DIRECTORY", "state": "STATE_DIRECTORY"}
"""The variables in which systemd passes directories to a service without a home: systemd.exec(5)."""


def load_config(file: Path | None, environment: Mapping[str, str], overrides: Mapping[tuple[str, str], Any]) -> Config:
    """Return the configuration.

    `overrides` maps (table, key) to values of the command line. They override the environment, which overrides
    `file`, which overrides the directories of systemd and the defaults. Without `file`, the first of `default_paths`
    that exists is read. Raises `ConfigError`.
    """
    path = file or _first_existing(default_paths())
    table = _read(path) if path else {}
    for variable, (section, key, kind) in ENVIRONMENT.items():
        if variable in environment:
            value = _convert(variable, environment[variable], kind)
            _set(table, section, key, value, f"environment variable {variable}")
    for (section, key), value in overrides.items():
        _set(table, section, key, value, "command line")
    _use_systemd_directories(table, environment)
    settings = parse_settings(Config, table, str(path) if path else "the defaults")
    return replace(settings, source=str(path.absolute())) if path else settings


def default_paths() -> Sequence[Path]:
    """Return the paths of configuration files, in the order in which they are tried."""
    system_path = Path("/etc/wyoming-kokoro/config.toml")
    try:
        return platformdirs.user_config_path(APP_NAME) / "config.toml", system_path
    except RuntimeError:
        # A service may have no home.
        return (system_path,)


def _directory(kind: str, text: str, path_of: Callable[[str], Path]) -> Path:
    if text:
        path = expand_path(text)
        if path.parts[0].startswith("~"):
            raise ConfigError("configuration", f"directories.{kind}", f"no home of {path.parts[0]}; write a whole path")
        return path
    try:
        path = path_of(APP_NAME)
    except RuntimeError:
        reason = f"this user has no home directory; set a directory with --{kind}"
        raise ConfigError("configuration", f"directories.{kind}", reason) from None
    if not is_utf8(str(path)):
        reason = f"must be UTF-8, not {str(path)!r}; set a directory with --{kind}"
        raise ConfigError("environment", f"directories.{kind}", reason)
    return path


def _first_existing(paths: Sequence[Path]) -> Path | None:
    # A directory or a dangling link is a mistake, which `_read` reports. A service may not be allowed to read its home.
    return next((path for path in paths if os.path.lexists(path)), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        # It would block a reload, and with it the end of the server.
        if path.is_fifo():
            raise ConfigError(str(path), "", "is a pipe; use a file")
        return parse_toml(path.read_bytes())
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read ({error.strerror}); check the path") from None
    except ValueError as error:
        raise ConfigError(str(path), "", f"is not TOML: {error}") from None


def _set(table: dict[str, Any], section: str, key: str, value: object, source: str) -> None:
    # The check of a single value names its source: the option or the variable, not the file.
    parse_settings(Config, {section: {key: value}} if section else {key: value}, source)
    if not section:
        table[key] = value
        return
    inner = table.setdefault(section, {})
    # If it is not a table, `load_config` reports the wrong type later.
    if isinstance(inner, dict):
        inner[key] = value


def _use_systemd_directories(table: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Add the directories that systemd created, if the configuration names none."""
    for key, variable in SYSTEMD_DIRECTORIES.items():
        directory = environment.get(variable, "").partition(":")[0]
        configured = table.get("directories", {})
        if directory and isinstance(configured, dict) and not configured.get(key):
            _set(table, "directories", key, directory, f"environment variable {variable}")


def _convert(variable: str, text: str, kind: type) -> object:
    try:
        return kind(text)
    except ValueError:
        raise ConfigError("environment", variable, f"{text!r} is not a number") from None
