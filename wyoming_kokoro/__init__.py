"""A text-to-speech server for Home Assistant with the Kokoro voices.

This package exports what plugins need. These are public too: `wyoming_kokoro.api.metrics`,
`wyoming_kokoro.api.observations`, `wyoming_kokoro.http`, `wyoming_kokoro.onnx`, `wyoming_kokoro.subtitles` and
`wyoming_kokoro.testing`. All other modules may change at any time.
"""

from __future__ import annotations


            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        """Return an exported name. All of them take longer to import than `wyoming-kokoro ping` takes."""
        if name not in public.__all__:
        public = import_module("wyoming_kokoro.public")
        return getattr(public, name)
    "Address",
    "Array",
    "BackgroundService",
    "CacheStats",
    "CachedPhrase",
    "ConfigError",
    "DevicePlacement",
    "Download",
    "IPA_SPAN",
    "KokoroError",
    "LITERAL_MARK",
    "Lexicon",
    "LexiconEntry",
    "LexiconError",
    "LookupCounts",
    "MemoryPressure",
    "ModelFiles",
    "ModelRequest",
    "ModelSource",
    "Overloaded",
    "Pcm",
    "Phonemizer",
    "Phrase",
    "PhraseCache",
    "PhraseKey",
    "PhraseQueue",
    "PluginContext",
    "PluginError",
    "PluginUnavailable",
    "Provider",
    "Quality",
    "SAMPLE_RATE",
    "Samples",
    "Server",
    "Session",
    "SessionOptions",
    "SharedCacheStats",
    "SpeechError",
    "SpeechModel",
    "SpeechStyle",
    "StartupError",
    "SteadyClock",
    "SynthesisFailed",
    "TextFilter",
    "TextKey",
    "TextTooLong",
    "UnknownVoice",
    "UnsupportedLanguage",
    "UnsupportedText",
    "Voice",
    "WarmupResult",
    "WarmupStrategy",
    "WordTiming",
    "__version__",
    "check_prepared",
    "decode_flac",
    "embed_ipa",
    "encode_flac",
    "explain_write_error",
    "extract_ipa",
    "file_lock",
    "hookimpl",
    "load_flac_library",
    "open_atomically",
    "parse_json",
    "parse_toml",
    "prepare_folder",
    "read_checked",
    "remove_unused_folders",
    "require_own_file",
    "run_in_child",
    "to_pcm",
    "tokenize",
    "write_atomically",
    "write_checked",
    CacheStats,
    CachedPhrase,
    ConfigError,
    KokoroError,
    LexiconError,
    LookupCounts,
    Overloaded,
    PhraseCache,
    PhraseKey,
    PluginError,
    PluginUnavailable,
    SharedCacheStats,
    SpeechError,
    StartupError,
    SteadyClock,
    SynthesisFailed,
    TextKey,
    TextTooLong,
    UnknownVoice,
    UnsupportedLanguage,
    UnsupportedText,
    check_prepared,
    def __getattr__(name: str) -> object:
    explain_write_error,
    file_lock,
    from wyoming_kokoro.public import *  # noqa: F403
    open_atomically,
    prepare_folder,
    read_checked,
    remove_unused_folders,
    require_own_file,
    run_in_child,
    write_atomically,
    write_checked,
)
]
__all__ = [
else:
from importlib import import_module
from typing import TYPE_CHECKING
from wyoming_kokoro.api.background import BackgroundService
from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.hookspecs import hookimpl
from wyoming_kokoro.api.lexicon import Lexicon, LexiconEntry
from wyoming_kokoro.api.memory import MemoryPressure
from wyoming_kokoro.api.model_sources import Download, ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.api.phrase_cache import (
from wyoming_kokoro.api.providers import DevicePlacement, Provider, Session, SessionOptions
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.api.speech_models import Quality, SpeechModel, SpeechStyle, WordTiming
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.api.warmup import Phrase, PhraseQueue, WarmupResult, WarmupStrategy
from wyoming_kokoro.decoding import parse_json, parse_toml
from wyoming_kokoro.errors import (
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.pcm import decode_flac, encode_flac, load_flac_library, to_pcm
from wyoming_kokoro.storage import (
from wyoming_kokoro.text.ipa.embedded import IPA_SPAN, LITERAL_MARK, embed_ipa, extract_ipa
from wyoming_kokoro.types import SAMPLE_RATE, Address, Array, Pcm, Samples, Voice
from wyoming_kokoro.version import __version__
if TYPE_CHECKING:
