"""The Kokoro voice for Home Assistant.

What is imported here is the plugin API: a plugin needs nothing else, and nothing else is promised.
"""

from __future__ import annotations

from wyoming_kokoro.context import PluginContext
from wyoming_kokoro.errors import (
    ConfigError,
    KokoroError,
    PluginError,
    PluginUnavailable,
    SpeechError,
    StartupError,
    SynthesisFailed,
    TextTooLong,
    UnknownVoice,
    UnsupportedLanguage,
    UnsupportedText,
)
from wyoming_kokoro.hookspecs import hookimpl
from wyoming_kokoro.types import (
    SAMPLE_RATE,
    Address,
    Array,
    ModelFiles,
    ModelRequest,
    ModelSource,
    Phonemizer,
    Provider,
    Samples,
    Server,
    Session,
    SessionOptions,
    TextFilter,
    Voice,
)

__all__ = [
    "SAMPLE_RATE",
    "Address",
    "Array",
    "ConfigError",
    "KokoroError",
    "ModelFiles",
    "ModelRequest",
    "ModelSource",
    "Phonemizer",
    "PluginContext",
    "PluginError",
    "PluginUnavailable",
    "Provider",
    "Samples",
    "Server",
    "Session",
    "SessionOptions",
    "SpeechError",
    "StartupError",
    "SynthesisFailed",
    "TextFilter",
    "TextTooLong",
    "UnknownVoice",
    "UnsupportedLanguage",
    "UnsupportedText",
    "Voice",
    "__version__",
    "hookimpl",
]

__version__ = "0.1.0"
