"""The Kokoro voice for Home Assistant.

What is imported here is the plugin API: a plugin needs nothing else, and nothing else is promised.
"""

from __future__ import annotations

from wyoming_kokoro.api.background import BackgroundService
from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.hookspecs import hookimpl
from wyoming_kokoro.api.memory import FreedMemory, MemoryPressure
from wyoming_kokoro.api.metrics import (
    Advice,
    Histogram,
    InferenceTotals,
    Metrics,
    ProviderSwitchCount,
    RecentRequest,
    RequestCount,
    SpeechTotals,
    StageStatus,
    TrialSummary,
)
from wyoming_kokoro.api.model_sources import ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.api.observations import (
    AcceleratorShare,
    ConfigReloaded,
    Inference,
    Level,
    MemoryPressureChanged,
    Observation,
    Outcome,
    ProviderSwitched,
    Purpose,
    RequestFinished,
    SegmentFinished,
)
from wyoming_kokoro.api.phrase_cache import CachedPhrase, CacheStats, LookupCounts, PhraseCache, PhraseKey, TextKey
from wyoming_kokoro.api.providers import (
    DevicePlacement,
    Provider,
    ProviderSelector,
    ProviderTiming,
    RunResult,
    Session,
    SessionOptions,
)
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.api.warmup import Phrase, WarmupResult, WarmupStrategy
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
from wyoming_kokoro.text.embedded_ipa import embed_ipa
from wyoming_kokoro.types import SAMPLE_RATE, Address, Array, Pcm, Samples, Voice

__all__ = [
    "SAMPLE_RATE",
    "AcceleratorShare",
    "Address",
    "Advice",
    "Array",
    "BackgroundService",
    "CacheStats",
    "CachedPhrase",
    "ConfigError",
    "ConfigReloaded",
    "DevicePlacement",
    "FreedMemory",
    "Histogram",
    "Inference",
    "InferenceTotals",
    "KokoroError",
    "Level",
    "LookupCounts",
    "MemoryPressure",
    "MemoryPressureChanged",
    "Metrics",
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
    "PluginContext",
    "PluginError",
    "PluginUnavailable",
    "Provider",
    "ProviderSelector",
    "ProviderSwitchCount",
    "ProviderSwitched",
    "ProviderTiming",
    "Purpose",
    "RecentRequest",
    "RequestCount",
    "RequestFinished",
    "RunResult",
    "Samples",
    "SegmentFinished",
    "Server",
    "Session",
    "SessionOptions",
    "SpeechError",
    "SpeechTotals",
    "StageStatus",
    "StartupError",
    "SynthesisFailed",
    "TextFilter",
    "TextKey",
    "TextTooLong",
    "TrialSummary",
    "UnknownVoice",
    "UnsupportedLanguage",
    "UnsupportedText",
    "Voice",
    "WarmupResult",
    "WarmupStrategy",
    "__version__",
    "embed_ipa",
    "hookimpl",
]

__version__ = "0.1.0"
