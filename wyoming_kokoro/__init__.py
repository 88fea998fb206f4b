"""The Kokoro voice for Home Assistant.

What is imported here is the plugin API: a plugin needs nothing else, and nothing else is promised.
"""

from __future__ import annotations

from wyoming_kokoro.choosing import Chooser, Measurement, Run
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
from wyoming_kokoro.observations import (
    Inference,
    Level,
    Observation,
    PressureChanged,
    ProviderSwitched,
    RequestEnded,
    SegmentSpoken,
)
from wyoming_kokoro.phrases import (
    CachedPhrase,
    CacheStats,
    Phrase,
    PhraseCache,
    PhraseKey,
    TextKey,
    Warmth,
    WarmupStrategy,
)
from wyoming_kokoro.text.sounds import spoken
from wyoming_kokoro.types import (
    SAMPLE_RATE,
    Address,
    Array,
    ModelFiles,
    ModelRequest,
    ModelSource,
    Pcm,
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
    "CacheStats",
    "CachedPhrase",
    "Chooser",
    "ConfigError",
    "Inference",
    "KokoroError",
    "Level",
    "Measurement",
    "ModelFiles",
    "ModelRequest",
    "ModelSource",
    "Observation",
    "Pcm",
    "Phonemizer",
    "Phrase",
    "PhraseCache",
    "PhraseKey",
    "PluginContext",
    "PluginError",
    "PluginUnavailable",
    "PressureChanged",
    "Provider",
    "ProviderSwitched",
    "RequestEnded",
    "Run",
    "Samples",
    "SegmentSpoken",
    "Server",
    "Session",
    "SessionOptions",
    "SpeechError",
    "StartupError",
    "SynthesisFailed",
    "TextFilter",
    "TextKey",
    "TextTooLong",
    "UnknownVoice",
    "UnsupportedLanguage",
    "UnsupportedText",
    "Voice",
    "Warmth",
    "WarmupStrategy",
    "__version__",
    "hookimpl",
    "spoken",
]

__version__ = "0.1.0"
