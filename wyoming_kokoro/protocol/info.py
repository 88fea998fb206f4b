"""The `info` event, which answers `describe`."""

from __future__ import annotations

from collections.abc import Iterable

from wyoming.event import Event
from wyoming.info import Attribution, Info, TtsProgram, TtsVoice

from wyoming_kokoro.protocol.event_format import PROGRAM
from wyoming_kokoro.types import Voice
from wyoming_kokoro.version import __version__

MODEL_VERSION = "1.0"


def info_event(voices: Iterable[Voice]) -> Event:
    """Return the `info` event that advertises `voices`."""
    program = TtsProgram(
        name=PROGRAM,
        description="Kokoro text-to-speech by wyoming-kokoro",
        attribution=Attribution("hexgrad", "https://github.com/hexgrad/kokoro"),
        installed=True,
        version=__version__,
        voices=[_voice(voice) for voice in voices],
        supports_synthesize_streaming=True,
    )
    return Info(tts=[program]).event()


def _voice(voice: Voice) -> TtsVoice:
    return TtsVoice(
        name=voice.name,
        description=voice.description,
        attribution=Attribution("hexgrad", "https://github.com/hexgrad/kokoro"),
        installed=True,
        version=MODEL_VERSION,
        languages=[voice.language],
    )
