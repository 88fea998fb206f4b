"""The product: a segment of text becomes sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace

from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro.api.phrase_cache import PhraseCache, PhraseKey
from wyoming_kokoro.api.warmup import WarmupResult
from wyoming_kokoro.errors import StartupError, SynthesisFailed
from wyoming_kokoro.pcm import SegmentFade, amplify, seconds
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.playback import IdlePriority, Playback, Priority
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses, record_pcm
from wyoming_kokoro.synthesis.speech_model import MAX_PHONEMES, SpeechModel
from wyoming_kokoro.text.pipeline import TextPipeline, split
from wyoming_kokoro.types import Pcm, Voice

SPEED_DIGITS = 4
"""1.1 times 1.2 is 1.32, and not what floats make of it: what sounds the same has one key."""


@dataclass(frozen=True, slots=True)
class VoiceDefaults:
    """How all voices speak."""

    speed: float
    """1.0 is the voice's own pace."""
    volume: float
    """Linear gain."""


@dataclass(frozen=True, slots=True)
class PendingModel:
    """What makes the sound, which may still be opening: what is to be spoken meanwhile waits for it."""

    opening: asyncio.Task[SpeechModel]
    """Done when it can speak; its exception is a `StartupError`."""
    expected_fingerprint: asyncio.Task[str]
    """The fingerprint that it will most likely have, which is known earlier."""

    async def wait_until_open(self) -> SpeechModel:
        """Return what speaks. Raises `SynthesisFailed`."""
        try:
            return await asyncio.shield(self.opening)
        except StartupError as error:
            raise SynthesisFailed(f"the model cannot be opened: {error}") from error

    async def fingerprint(self) -> str:
        """Return the fingerprint, or the expected one for as long as the model is not open."""
        if self.opening.done():
            return (await self.wait_until_open()).fingerprint
        return await asyncio.shield(self.expected_fingerprint)


class SegmentSynthesizer:
    """Speaks segments."""

    def __init__(
        self,
        text: TextPipeline,
        cache: PhraseCache,
        model: PendingModel,
        shared: SharedSyntheses,
        *,
        admission: AdmissionControl,
        defaults: VoiceDefaults,
        observe: Callable[[SegmentFinished], object],
    ) -> None:
        """`observe` is told of every segment that was spoken to its end."""
        self._text = text
        self._cache = cache
        self._model = model
        self._sharing = shared
        self.admission = admission
        """Who may be spoken to."""
        self.defaults = defaults
        """How everything is spoken that is begun from now on."""
        self._observe = observe

    @contextmanager
    def slot(self, listener: Playback) -> Iterator[None]:
        """Speak to `listener`, who is gone afterwards."""
        try:
            yield
        finally:
            self.admission.release(listener)

    async def synthesize(self, segment: str, voice: Voice, listener: Playback) -> AsyncGenerator[Pcm, None]:
        """Yield the samples of one segment as they are made; nothing for text that has no sound.

        Raises `SpeechError`; `Overloaded` only for a first segment, and only when it must be made.
        """
        await self._admit(segment, voice, listener)
        account, spent = SynthesisWork(), listener.work_seconds
        for piece in split(await self._text.phonemes(segment, voice.language), MAX_PHONEMES):
            edges = SegmentFade()
            async with aclosing(await self._recording(piece, voice, listener, account)) as chunks:
                async for chunk in chunks:
                    account.seconds += seconds(chunk)
                    yield self._heard(edges.feed(chunk), voice, listener)
            yield self._heard(edges.finish(), voice, listener)
        listener.cached = listener.cached and account.cached
        work = listener.work_seconds - spent
        self._observe(SegmentFinished(segment, voice.name, account.cached, account.seconds, work))

    async def prefetch(self, segment: str, voice: Voice, listener: Playback) -> None:
        """Have the first sound made of a segment that `listener` may hear next, and hold it until cancelled.

        Raises `SpeechError`.
        """
        if not self.admission.can_admit(listener, (voice.name, segment)):
            return
        for piece in split(await self._text.phonemes(segment, voice.language), MAX_PHONEMES)[:1]:
            synthesis = await self._model.wait_until_open()
            key = self._key(synthesis.fingerprint, voice, piece)
            if not await self._cache.has(key):
                async with aclosing(self._made(synthesis, key, listener, listener.add_work)) as chunks:
                    await anext(chunks, None)
                    await asyncio.Event().wait()

    async def warm(self, segment: str, voice: Voice) -> WarmupResult:
        """Have one segment in the phrase cache, made behind everybody who listens. Raises `SpeechError`."""
        costs, made = [0.0], 0.0
        for piece in split(await self._text.phonemes(segment, voice.language), MAX_PHONEMES):
            synthesis = await self._model.wait_until_open()
            key = self._key(synthesis.fingerprint, voice, piece)
            if not await self._cache.has(key):
                async with aclosing(self._made(synthesis, key, IdlePriority(), costs.append)) as chunks:
                    made += sum([seconds(chunk) async for chunk in chunks])
        return WarmupResult(sum(costs), made)

    async def is_warm(self, segment: str, voice: Voice) -> bool:
        """Return whether the phrase cache has all of one segment, and its phonemes."""
        phonemes = await self._text.cached_phonemes(segment, voice.language)
        if phonemes is None:
            return False
        fingerprint = await self._model.fingerprint()
        keys = [self._key(fingerprint, voice, piece) for piece in split(phonemes, MAX_PHONEMES)]
        return all([await self._cache.has(key) for key in keys])

    async def _admit(self, segment: str, voice: Voice, listener: Playback) -> None:
        """Let `listener` hear `segment`, or raise `Overloaded`. Who hears already is never sent away.

        What is kept is nobody's work, and takes nobody's place.
        """
        if await self.is_warm(segment, voice):
            return
        what = (voice.name, segment)
        if not (self.admission.can_admit(listener, what) or listener.has_started):
            raise self.admission.overloaded_error()
        self.admission.admit(listener, what)

    async def _recording(
        self, phonemes: str, voice: Voice, listener: Playback, account: SynthesisWork
    ) -> AsyncGenerator[Pcm, None]:
        key = self._key(await self._model.fingerprint(), voice, phonemes)
        kept = await self._cache.get(key)
        if kept is not None:
            return kept
        account.cached = False
        synthesis = await self._model.wait_until_open()
        await self.admission.wait_for_slot(listener)
        return self._made(synthesis, replace(key, fingerprint=synthesis.fingerprint), listener, listener.add_work)

    def _made(
        self, synthesis: SpeechModel, key: PhraseKey, listener: Priority, spend: Callable[[float], object]
    ) -> AsyncGenerator[Pcm, None]:
        def keep(pcm: Pcm, cost: float) -> None:
            spend(cost)
            if synthesis.fingerprint == key.fingerprint:  # no other provider took over in the middle
                self._cache.put(key, pcm, cost)

        return self._sharing.stream(
            key, listener, lambda: record_pcm(synthesis.synthesize(key.phonemes, key.voice, key.speed), keep)
        )

    def _key(self, fingerprint: str, voice: Voice, phonemes: str) -> PhraseKey:
        speed = round(self.defaults.speed * voice.speed, SPEED_DIGITS)
        return PhraseKey(fingerprint, voice.sound, speed, phonemes)

    def _heard(self, chunk: Pcm, voice: Voice, listener: Playback) -> Pcm:
        listener.add_audio(seconds(chunk))
        return amplify(chunk, self.defaults.volume * voice.gain)


@dataclass(slots=True)
class SynthesisWork:
    """What is told of a segment when it was spoken."""

    cached: bool = True
    seconds: float = 0.0
