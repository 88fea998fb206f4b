"""Fakes and contract tests for the tests of plugins.

It may import everything.
"""

from __future__ import annotations

from wyoming_kokoro.testing.fake_cache import FakePhraseCache
from wyoming_kokoro.testing.fakes import (
    FAKE_VOICES,
    FakeMachine,
    FakePhonemizer,
    FakeServer,
    FakeSpeechModel,
    fake_tts,
    plugin_context,
    running_server,
)
from wyoming_kokoro.testing.provider_contract import check_provider
from wyoming_kokoro.testing.speech_model_contract import check_speech_model

__all__ = [
    "FAKE_VOICES",
    "FakeMachine",
    "FakePhonemizer",
    "FakePhraseCache",
    "FakeServer",
    "FakeSpeechModel",
    "check_provider",
    "check_speech_model",
    "fake_tts",
    "plugin_context",
    "running_server",
]
