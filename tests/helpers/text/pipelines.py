"""Opens the text pipeline with all built-in plugins."""

from __future__ import annotations

from wyoming_kokoro.config import Config
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.pronunciation import find_phonemizers, find_readers


def open_text_pipeline(config: Config) -> TextPipeline:
    """Return the pipeline of a server with `config`, without a cache."""
    plugins = PluginManager.load(config)
    phonemizers = find_phonemizers(published_voices(builtin_styles().names), plugins)
    return TextPipeline(plugins.text_filters(), find_readers(phonemizers, plugins), NullPhraseCache(), "")
