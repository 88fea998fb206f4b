"""The configuration: one frozen dataclass a table of `config.toml`, built once and passed down."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from msgspec import Meta

from wyoming_kokoro.errors import ConfigError
from wyoming_kokoro.settings import parse_settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

APP = "wyoming-kokoro"
Milliseconds = Annotated[int, Meta(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where the server listens, and to whom."""

    uri: str = "tcp://:10200"
    """`tcp://HOST:PORT` (no host: every interface, IPv4 and IPv6), `unix:///PATH` or `stdio://`."""
    allowed_networks: tuple[str, ...] = ()
    """Networks that may connect, such as `192.168.1.0/24`; empty lets everybody in."""
    shutdown_grace_seconds: Annotated[float, Meta(ge=0, le=600)] = 10.0
    """How long open streams may go on after the signal to stop."""
    stream_timeout_seconds: Annotated[float, Meta(gt=0)] = 300.0
    """A stream without new text for so long is finished."""
    sentence_timeout_seconds: Annotated[float, Meta(gt=0)] = 0.5
    """A finished sentence is spoken after so long without new text."""
    max_text_characters: Annotated[int, Meta(ge=1)] = 100_000
    """The longest text of one request."""
    max_event_bytes: Annotated[int, Meta(ge=1024, le=16 * 1024 * 1024)] = 1024 * 1024
    """The longest event, without its header."""
    max_streams: Annotated[int, Meta(ge=0)] = 0
    """How many may be spoken to at once, each something else; 0: as many as the machine can in real time."""
    max_requests_per_client: Annotated[int, Meta(ge=1)] = 32
    """Requests of one address that may be under way, whichever of its connections they came by."""
    max_connections: Annotated[int, Meta(ge=1, le=10_000)] = 100
    max_connections_per_client: Annotated[int, Meta(ge=1)] = 50
    """Connections of one address."""
    connection_timeout_seconds: Annotated[float, Meta(gt=0)] = 600.0
    """A connection that wants nothing for so long is closed."""


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """The voice of requests that name none, and how all voices speak."""

    name: str = "af_heart"
    speed: Annotated[float, Meta(ge=0.5, le=2.0)] = 1.0
    volume: Annotated[float, Meta(ge=0.0, le=4.0)] = 1.0
    """Linear gain; what would exceed full scale is limited."""
    loudness: Literal["normalized", "original"] = "normalized"
    """`even`: all voices are as loud as each other; `own`: as the model speaks them."""


@dataclass(frozen=True, slots=True)
class VoiceAlias:
    """A voice that the house makes of the model's."""

    base: str
    """A voice, or a blend of voices such as `af_heart*2+af_bella`."""
    speed: Annotated[float, Meta(ge=0.5, le=2.0)] = 1.0
    """How many times as fast as the others."""
    volume: Annotated[float, Meta(ge=0.0, le=4.0)] = 1.0
    """How many times as loud as the others."""
    language: str = ""
    """What it speaks, e.g. `en-GB`; empty: what its base speaks, and of a blend the first voice."""
    description: str = ""
    """What a person picks from a list; empty: one that tells the base, and sorts behind the model's voices."""


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """The silences around and between segments, in milliseconds."""

    lead_in_ms: Milliseconds = 0
    tail_ms: Milliseconds = 100
    clause_ms: Milliseconds = 120
    sentence_ms: Milliseconds = 300
    paragraph_ms: Milliseconds = 600


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model speaks. Empty paths stand for the model and the voices that are installed with us."""

    path: str = ""
    voices: str = ""
    threads: Annotated[int, Meta(ge=0, le=64)] = 0
    """Threads of one inference; 0 takes the number of processors, at most 4."""


@dataclass(frozen=True, slots=True)
class InferenceConfig:
    """Which provider runs the model."""

    provider: str = ""
    """The name of a provider that runs whatever it can; empty selects the fastest."""


@dataclass(frozen=True, slots=True)
class Directories:
    """Where things are kept. Empty paths stand for the user's own cache and state directories."""

    cache: str = ""
    state: str = ""

    @property
    def cache_path(self) -> Path:
        """The directory of what can be made again. Raises `ConfigError` for a user without a home."""
        return Path(self.cache) if self.cache else _own("cache", platformdirs.user_cache_path)

    @property
    def state_path(self) -> Path:
        """The directory of what cannot be made again. Raises `ConfigError` for a user without a home."""
        return Path(self.state) if self.state else _own("state", platformdirs.user_state_path)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the configuration says."""

    server: ServerConfig = field(default_factory=ServerConfig)
    voice: VoiceConfig = field(default_factory=VoiceConfig)
    voices: dict[str, VoiceAlias] = field(default_factory=dict)
    """The house's own voices, by name."""
    speech: SpeechConfig = field(default_factory=SpeechConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    inference: InferenceConfig = field(default_factory=InferenceConfig)
    directories: Directories = field(default_factory=Directories)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    required_plugins: tuple[str, ...] = ()
    """Plugins without which the server shall not start."""
    plugins: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each plugin's own table; `enabled = false` leaves a plugin out."""
    source: str = field(default="the defaults", metadata={"internal": True})
    """The file this was read from, for messages."""


ENVIRONMENT: Mapping[str, tuple[str, str, type]] = {
    "WYOMING_KOKORO_URI": ("server", "uri", str),
    "WYOMING_KOKORO_VOICE": ("voice", "name", str),
    "WYOMING_KOKORO_SPEED": ("voice", "speed", float),
    "WYOMING_KOKORO_VOLUME": ("voice", "volume", float),
    "WYOMING_KOKORO_MODEL": ("model", "path", str),
    "WYOMING_KOKORO_CACHE": ("directories", "cache", str),
    "WYOMING_KOKORO_STATE": ("directories", "state", str),
}
"""Environment variables, the key each one sets and its type."""
SYSTEMD_DIRECTORIES: Mapping[str, str] = {"cache": "CACHE_DIRECTORY", "state": "STATE_DIRECTORY"}
"""Where systemd tells a service its directories, which have no home then: systemd.exec(5)."""


def load(file: Path | None, environment: Mapping[str, str], overrides: Mapping[tuple[str, str], Any]) -> Config:
    """Read the configuration: `overrides` before `environment` before the file before what systemd gives before the
    defaults.

    `file` None looks in the usual places; `overrides` maps (table, key) to values from the command line.
    Raises `ConfigError`.
    """
    path = file or _first_existing(default_paths())
    table = _read(path) if path else {}
    for variable, (section, key, kind) in ENVIRONMENT.items():
        if variable in environment:
            value = _parsed(variable, environment[variable], kind)
            _put(table, section, key, value, f"environment variable {variable}")
    for (section, key), value in overrides.items():
        _put(table, section, key, value, "command line")
    _give_directories(table, environment)
    source = str(path) if path else "the defaults"
    return replace(parse_settings(Config, table, source), source=source)


def default_paths() -> Sequence[Path]:
    """Where a configuration is looked for when none is named."""
    of_system = Path("/etc/wyoming-kokoro/config.toml")
    try:
        return platformdirs.user_config_path(APP) / "config.toml", of_system
    except RuntimeError:  # a service may have no home
        return (of_system,)


def _own(kind: str, path_of: Callable[[str], Path]) -> Path:
    try:
        return path_of(APP)
    except RuntimeError:
        reason = f"this user has no home; name a directory with --{kind}"
        raise ConfigError("configuration", f"directories.{kind}", reason) from None


def _first_existing(paths: Sequence[Path]) -> Path | None:
    return next((path for path in paths if _is_file(path)), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a home that is closed to the service
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read ({error.strerror}); check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "", f"is not TOML: {error}") from None
    return table


def _put(table: dict[str, Any], section: str, key: str, value: object, source: str) -> None:
    parse_settings(Config, {section: {key: value}} if section else {key: value}, source)  # blames who said it
    if not section:
        table[key] = value
        return
    inner = table.setdefault(section, {})
    if isinstance(inner, dict):  # otherwise filling the dataclass reports the wrong type
        inner[key] = value


def _give_directories(table: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Let the directories that systemd made for us stand where the configuration names none."""
    for key, variable in SYSTEMD_DIRECTORIES.items():
        given = environment.get(variable, "").partition(":")[0]
        chosen = table.get("directories", {})
        if given and isinstance(chosen, dict) and not chosen.get(key):
            _put(table, "directories", key, given, f"environment variable {variable}")


def _parsed(variable: str, text: str, kind: type) -> object:
    try:
        return kind(text)
    except ValueError:
        raise ConfigError("environment", variable, f"{text!r} is not a {kind.__name__}") from None
