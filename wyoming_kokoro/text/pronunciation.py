"""Collects everything of the plugins that determines how a text is pronounced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from wyoming_kokoro.api.text import Phonemizer, TextFilter
from wyoming_kokoro.config import Config
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.text.phoneme_filters import FilteredPhonemizer
from wyoming_kokoro.text.scripts import READER_LANGUAGES
from wyoming_kokoro.types import Voice

PRONUNCIATION_REVISION = 28
"""Raise it if the core or a built-in plugin reads any text differently. Cached phonemes are then not used any more."""

HOOKS = ("kokoro_text_filters", "kokoro_phonemizer", "kokoro_phoneme_filters")


def find_phonemizers(voices: Sequence[Voice], plugins: PluginManager) -> dict[str, Phonemizer]:
    """Return the phonemizer, with its filters, of each language of `voices` that has one."""
    return _open_phonemizers({voice.language for voice in voices}, plugins)


def find_readers(phonemizers: Mapping[str, Phonemizer], plugins: PluginManager) -> dict[str, Phonemizer]:
    """Return `phonemizers`, and those that only read words in other scripts."""
    return {**phonemizers, **_open_phonemizers(READER_LANGUAGES - phonemizers.keys(), plugins)}


def _open_phonemizers(languages: Set[str], plugins: PluginManager) -> dict[str, Phonemizer]:
    filters = plugins.phoneme_filters()
    return {
        language: FilteredPhonemizer.for_language(phonemizer, filters, language)
        for language in sorted(languages)
        if (phonemizer := plugins.phonemizer(language))
    }


def phoneme_alphabets(phonemizers: Mapping[str, Phonemizer]) -> dict[str, str]:
    """Return the phoneme symbols of each language; an empty string for espeak's."""
    return {language: str(getattr(item, "alphabet", "")) for language, item in phonemizers.items()}


def ideographs_language(config: Config, default_voice: Voice) -> str:
    """Return the language of Chinese characters without kana in the same text."""
    household = {*config.text.languages, default_voice.language}
    return "ja" if "ja" in household and "zh-CN" not in household else "zh-CN"


def pronunciation_fingerprint(
    config: Config, plugins: PluginManager, phonemizers: Mapping[str, Phonemizer], ideographs: str
) -> str:
    """Return a string that changes when the phonemes of any text may change.

    `ideographs` is the language of Chinese characters without kana in the same text.
    """
    versions = sorted(
        {getattr(phonemizer, "version", "") for phonemizer in phonemizers.values()}
        | {item.version for item in _filters(plugins) if isinstance(item.version, str)}
    )
    return " ".join(
        [f"pronunciation{PRONUNCIATION_REVISION}", ideographs, *versions, *plugins.fingerprints(config, *HOOKS)]
    )


def changing_versions(plugins: PluginManager) -> tuple[Callable[[], str], ...]:
    """Return what continues the fingerprint: the versions of filters that change while the server runs."""
    return tuple(item.version for item in _filters(plugins) if callable(item.version))


def _filters(plugins: PluginManager) -> tuple[TextFilter, ...]:
    return *plugins.text_filters(), *plugins.phoneme_filters()
