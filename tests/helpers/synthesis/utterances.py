"""Settings of pauses, and the audio of utterances of `FakeSpeechModel`."""

from __future__ import annotations

from dataclasses import replace

from wyoming_kokoro.config import Config, ServerConfig, SpeechConfig
from wyoming_kokoro.speech.utterance import Utterance

NO_PAUSES = Config(
    speech=SpeechConfig(lead_in_ms=0, tail_ms=0, clause_ms=0, sentence_ms=0, paragraph_ms=0),
    server=ServerConfig(sentence_timeout_seconds=0.05, stream_timeout_seconds=0.3),
)
PAUSES = replace(
    NO_PAUSES, speech=SpeechConfig(lead_in_ms=10, tail_ms=40, clause_ms=0, sentence_ms=100, paragraph_ms=0)
)
LONG_TIMEOUTS = replace(NO_PAUSES, server=ServerConfig(sentence_timeout_seconds=30, stream_timeout_seconds=60))
PHONEME_BYTES = 2 * 24_000 // 20


async def all_pcm(utterance: Utterance) -> bytes:
    return b"".join([chunk async for chunk in utterance.pcm()])


def finished(utterance: Utterance, *texts: str) -> Utterance:
    """Return `utterance` with its whole text."""
    for text in texts:
        utterance.feed(text)
    utterance.finish()
    return utterance


async def pcm_of(utterance: Utterance, *texts: str) -> bytes:
    return await all_pcm(finished(utterance, *texts))
