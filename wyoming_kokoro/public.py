"""The names that the package exports. `wyoming_kokoro` imports this module when one of them is used first."""

from __future__ import annotations

from wyoming_kokoro.api.background import BackgroundService
from wyoming_kokoro.api.context import PluginContext
from wyoming_kokoro.api.hookspecs import hookimpl
from wyoming_kokoro.api.lexicon import Lexicon, LexiconEntry
from wyoming_kokoro.api.memory import MemoryPressure
from wyoming_kokoro.api.model_sources import Download, ModelFiles, ModelRequest, ModelSource
from wyoming_kokoro.api.phrase_cache import (
    CachedPhrase,
    CacheStats,
    LookupCounts,
    PhraseCache,
    PhraseKey,
    SharedCacheStats,
    TextKey,
)
from wyoming_kokoro.api.providers import DevicePlacement, Provider, Session, SessionOptions
from wyoming_kokoro.api.server import Server
from wyoming_kokoro.api.speech_models import Quality, SpeechModel, SpeechStyle, WordTiming
from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.api.warmup import Phrase, PhraseQueue, WarmupResult, WarmupStrategy
from wyoming_kokoro.clients.rare_log import RareLog
from wyoming_kokoro.decoding import parse_json, parse_toml
from wyoming_kokoro.errors import (
    ConfigError,
    KokoroError,
    LexiconError,
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
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.pcm import decode_flac, encode_flac, load_flac_library, to_pcm
from wyoming_kokoro.settings import expand_path
from wyoming_kokoro.storage import (
    SteadyClock,
    check_prepared,
    explain_write_error,
    file_lock,
    find_damage,
    open_atomically,
    prepare_folder,
    read_checked,
    remove_unused_folders,
    require_own_file,
    run_in_child,
    write_atomically,
    write_checked,
)
from wyoming_kokoro.text.ipa.embedded import IPA_SPAN, LITERAL_MARK, embed_ipa, extract_ipa
from wyoming_kokoro.types import SAMPLE_RATE, Address, Array, Pcm, Samples, Voice
from wyoming_kokoro.version import __version__

__all__ = [
    "IPA_SPAN",
    "LITERAL_MARK",
    "SAMPLE_RATE",
    "Address",
    "Array",
    "BackgroundService",
    "CacheStats",
    "CachedPhrase",
    "ConfigError",
    "DevicePlacement",
    "Download",
    "KokoroError",
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
    "RareLog",
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
    "expand_path",
    "explain_write_error",
    "extract_ipa",
    "file_lock",
    "find_damage",
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
]
