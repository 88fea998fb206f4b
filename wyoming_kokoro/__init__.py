"""The Kokoro voice for Home Assistant.

What is imported here is the plugin API: a plugin needs nothing else, and nothing else is promised.
"""

from __future__ import annotations

from wyoming_kokoro.api.background import Background
from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.hookspecs import hookimpl
from wyoming_kokoro.api.memory import Pressure, Relief
from wyoming_kokoro.api.metrics import (
    Advice,
    Ended,
    Figures,
    Histogram,
    RecentRequest,
    Runs,
    Spoken,
    StageFacts,
    Switches,
    Tried,
)
from wyoming_kokoro.api.model_sources import ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    Inference,
    Level,
    Observation,
    Outcome,
    PressureChanged,
    ProviderSwitched,
    Purpose,
    RequestEnded,
    SegmentSpoken,
    SettingsRead,
)
from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, Lookups, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.api.providers import Chooser, Measurement, Placement, Provider, Run, Session, SessionOptions
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.api.warmup import Phrase, Warmth, WarmupStrategy
from wyoming_kokoro.errors import (
    ConfigError,
    KokoroError,
    Overloaded,
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
from wyoming_kokoro.text.embedded_ipa import spoken
from wyoming_kokoro.types import SAMPLE_RATE, Address, Array, Pcm, Samples, Voice

__all__ = [
    "SAMPLE_RATE",
    "AcceleratorShare",
    "Address",
    "Advice",
    "Array",
    "Background",
    "CacheStats",
    "CachedPhrase",
    "Chooser",
    "ConfigError",
    "Ended",
    "Figures",
    "Histogram",
    "Inference",
    "KokoroError",
    "Level",
    "Lookups",
    "Measurement",
    "ModelFiles",
    "ModelRequest",
    "ModelSource",
    "Observation",
    "Outcome",
    "Overloaded",
    "Pcm",
    "Phonemizer",
    "Phrase",
    "PhraseCache",
    "PhraseKey",
    "Placement",
    "PluginContext",
    "PluginError",
    "PluginUnavailable",
    "Pressure",
    "PressureChanged",
    "Provider",
    "ProviderSwitched",
    "Purpose",
    "RecentRequest",
    "Relief",
    "RequestEnded",
    "Run",
    "Runs",
    "Samples",
    "SegmentSpoken",
    "Server",
    "Session",
    "SessionOptions",
    "SettingsRead",
    "SpeechError",
    "Spoken",
    "StageFacts",
    "StartupError",
    "Switches",
    "SynthesisFailed",
    "TextFilter",
    "TextKey",
    "TextTooLong",
    "Tried",
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
