"""The path of a segment: text -> phonemes -> chunks of phonemes -> cached or synthesized PCM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace

from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro.api.phrase_cache import PhraseCache, PhraseKey
from wyoming_kokoro.api.warmup import WarmupResult
from wyoming_kokoro.config import VoiceConfig
from wyoming_kokoro.pcm import RecordingFade, amplify, seconds
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.playback import IdlePriority, Playback, Priority
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses, record_pcm
from wyoming_kokoro.synthesis.speech_model import MAX_PHONEMES, SpeechModel
from wyoming_kokoro.text.pipeline import TextPipeline, split_phonemes
from wyoming_kokoro.types import Pcm, Voice

# 1.1 * 1.2 is not 1.32 in floating point. Rounded speeds that sound the same share one cache key.
SPEED_DIGITS = 4


class SegmentSynthesizer:
    """Turns segments into PCM."""

    def __init__(
        self,
        text: TextPipeline,
        cache: PhraseCache,
        model: PendingModel,
        shared: SharedSyntheses,
        *,
        admission: AdmissionControl,
        defaults: VoiceConfig,
        observe: Callable[[SegmentFinished], object],
    ) -> None:
        """`defaults` has the speed and the volume of all voices, and may be replaced between segments.

        `observe` gets every segment that was played to its end.
        """
        self.admission = admission
        self.defaults = defaults
        self._text = text
        self._cache = cache
        self._model = model
        self._shared = shared
        self._observe = observe

    @contextmanager
    def slot(self, playback: Playback) -> Iterator[None]:
        """Release the slot of `playback`, if it got one, at the end of the block."""
        try:
            yield
        finally:
            self.admission.release(playback)

    async def synthesize(self, segment: str, voice: Voice, playback: Playback) -> AsyncGenerator[Pcm, None]:
        """Yield the PCM of one segment while it is synthesized; nothing for text without sound.

        Raises `SpeechError`; `Overloaded` only for the first segment of a request, and only if it is not cached.
        """
        await self._admit(segment, voice, playback)
        is_cached, audio_seconds, work_before = True, 0.0, playback.work_seconds
        for phonemes in await self._phoneme_chunks(segment, voice):
            key = self._key(await self._model.fingerprint(), voice, phonemes)
            recording = await self._cache.get(key)
            if recording is None:
                is_cached = False
                recording = await self._synthesize_in_slot(key, playback)
            fade = RecordingFade()
            async with aclosing(recording) as chunks:
                async for chunk in chunks:
                    audio_seconds += seconds(chunk)
                    yield self._play(fade.feed(chunk), voice, playback)
            yield self._play(fade.finish(), voice, playback)
        playback.cached = playback.cached and is_cached
        work_seconds = playback.work_seconds - work_before
        self._observe(SegmentFinished(segment, voice.name, is_cached, audio_seconds, work_seconds))

    async def prefetch(self, segment: str, voice: Voice, playback: Playback) -> None:
        """Synthesize the first audio of the likely next segment of `playback`, and hold it until cancelled.

        Raises `SpeechError`.
        """
        if not self.admission.can_admit(playback, (voice.name, segment)):
            return
        for phonemes in (await self._phoneme_chunks(segment, voice))[:1]:
            model = await self._model.wait_until_open()
            key = self._key(model.fingerprint, voice, phonemes)
            if not await self._cache.has(key):
                async with aclosing(self._synthesize_and_cache(model, key, playback, playback.add_work)) as chunks:
                    await anext(chunks, None)
                    await asyncio.Event().wait()

    async def warm(self, segment: str, voice: Voice) -> WarmupResult:
        """Add one segment to the phrase cache, while no stream needs the model. Raises `SpeechError`."""
        work_seconds, audio_seconds = [0.0], 0.0
        for phonemes in await self._phoneme_chunks(segment, voice):
            model = await self._model.wait_until_open()
            key = self._key(model.fingerprint, voice, phonemes)
            if not await self._cache.has(key):
                stream = self._synthesize_and_cache(model, key, IdlePriority(), work_seconds.append)
                async with aclosing(stream) as chunks:
                    audio_seconds += sum([seconds(chunk) async for chunk in chunks])
        return WarmupResult(sum(work_seconds), audio_seconds)

    async def is_warm(self, segment: str, voice: Voice) -> bool:
        """Return whether the phrase cache has the phonemes and the whole audio of one segment."""
        phonemes = await self._text.cached_phonemes(segment, voice.language)
        if phonemes is None:
            return False
        fingerprint = await self._model.fingerprint()
        keys = [self._key(fingerprint, voice, chunk) for chunk in split_phonemes(phonemes, MAX_PHONEMES)]
        return all([await self._cache.has(key) for key in keys])

    async def _admit(self, segment: str, voice: Voice, playback: Playback) -> None:
        """Get a slot for `playback`, unless `segment` is cached. Raises `Overloaded` before the first audio only."""
        if await self.is_warm(segment, voice):
            return
        content = (voice.name, segment)
        if not (self.admission.can_admit(playback, content) or playback.has_started):
            raise self.admission.overloaded_error()
        self.admission.admit(playback, content)

    async def _phoneme_chunks(self, segment: str, voice: Voice) -> list[str]:
        return split_phonemes(await self._text.phonemize(segment, voice.language), MAX_PHONEMES)

    async def _synthesize_in_slot(self, key: PhraseKey, playback: Playback) -> AsyncGenerator[Pcm, None]:
        model = await self._model.wait_until_open()
        await self.admission.wait_for_slot(playback)
        key = replace(key, fingerprint=model.fingerprint)
        return self._synthesize_and_cache(model, key, playback, playback.add_work)

    def _synthesize_and_cache(
        self, model: SpeechModel, key: PhraseKey, priority: Priority, add_work: Callable[[float], object]
    ) -> AsyncGenerator[Pcm, None]:
        def on_complete(pcm: Pcm, work_seconds: float) -> None:
            add_work(work_seconds)
            # The fingerprint changes if another provider took over meanwhile. A mixed recording must not be cached.
            if model.fingerprint == key.fingerprint:
                self._cache.put(key, pcm, work_seconds)

        return self._shared.stream(
            key, priority, lambda: record_pcm(model.synthesize(key.phonemes, key.voice, key.speed), on_complete)
        )

    def _key(self, fingerprint: str, voice: Voice, phonemes: str) -> PhraseKey:
        speed = round(self.defaults.speed * voice.speed, SPEED_DIGITS)
        return PhraseKey(fingerprint, voice.style_name, speed, phonemes)

    def _play(self, chunk: Pcm, voice: Voice, playback: Playback) -> Pcm:
        playback.add_audio(seconds(chunk))
        return amplify(chunk, self.defaults.volume * voice.gain)
