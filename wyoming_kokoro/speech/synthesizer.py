"""The path of a segment: text -> phonemes -> chunks of phonemes -> cached or synthesized PCM.

The models that compute PCM are in `synthesis`, and in plugins.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import AsyncExitStack, aclosing

import numpy as np

from wyoming_kokoro.api.observations import SegmentFinished
from wyoming_kokoro.api.phrase_cache import PhraseCache, PhraseKey
from wyoming_kokoro.api.speech_models import MAX_PHONEMES, Quality, SelectionReason, SpeechModel
from wyoming_kokoro.api.warmup import WarmupResult
from wyoming_kokoro.config import Config, VoiceConfig
from wyoming_kokoro.errors import SpeechError, SynthesisFailed
from wyoming_kokoro.pcm import RecordingFade, amplify, find_pauses, seconds, silence
from wyoming_kokoro.scheduling.admission import SECONDS_PER_PHONEME, PendingText
from wyoming_kokoro.scheduling.playback import IdlePriority, Playback, Priority
from wyoming_kokoro.scheduling.worker import UnitIterator
from wyoming_kokoro.speech.model_selector import ModelSelector
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.speech.shared_synthesis import SharedSyntheses, record_pcm
from wyoming_kokoro.speech.voice_catalog import MAX_SPEED, MIN_SPEED
from wyoming_kokoro.synthesis.stretching import model_speed, sound_fingerprint, stretch_factor, stretched
from wyoming_kokoro.text.pipeline import TextPipeline, split_phonemes
from wyoming_kokoro.text.word_timings.timing import TimedRecording, time_words
from wyoming_kokoro.types import Pcm, Voice

Source = PendingModel[SpeechModel]
FULL: Quality = "full"
log = logging.getLogger(__name__)
# The first segment of a text, such as a number, may have this many times more phonemes per character than the rest.
FORECAST_ERROR_RATIO = 3
# Further ones are not logged: a client can request any number of blends.
MAX_REPORTED_SUBSTITUTES = 100
# 1.1 * 1.2 is not 1.32 in floating point. Rounded speeds that sound the same share one cache key.
SPEED_DIGITS = 4


class SegmentSynthesizer:
    """Turns segments into PCM."""

    def __init__(
        self,
        text: TextPipeline,
        cache: PhraseCache,
        models: ModelSelector,
        shared: SharedSyntheses,
        *,
        observe: Callable[[SegmentFinished], object],
    ) -> None:
        """Call `apply_config` before the first segment. `observe` gets every segment that was played to its end."""
        self.models = models
        self._defaults = VoiceConfig()
        self._text = text
        self._cache = cache
        self._shared = shared
        self._observe = observe
        self._reported_substitutes: set[tuple[str, str]] = set()
        self.prefetching_clients: set[str] = set()
        """The addresses for which a segment is prefetched now."""

    def apply_config(self, config: Config, default_voice: Voice) -> None:
        """Use `config` for all further segments."""
        self._defaults = config.voice
        self.models.admission.set_limits(config.server.max_streams, config.server.max_wait_seconds)
        self.models.apply_config(config.voice, default_voice)

    async def synthesize(
        self,
        segment: str,
        voice: Voice,
        playback: Playback,
        *,
        phrase: str,
        recordings: list[TimedRecording] | None = None,
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the PCM of one segment while it is synthesized; nothing for text without sound.

        The first chunk is empty and comes before any work, as soon as the segment is cached or has a place.
        `phrase` is the text that the voice of this name speaks from the same recordings. `recordings` gets each
        recording after its audio. Raises `SpeechError`; `Overloaded` only for the first segment of a request, and only
        if it is not cached.
        """
        content, chunks = _content(segment, voice), await self._phoneme_chunks(segment, voice)
        playback.pending_characters = max(0, playback.pending_characters - len(segment))
        expected_seconds = SECONDS_PER_PHONEME * sum(map(len, chunks)) / self._speed(voice)
        playback.require_room(expected_seconds)
        if not playback.has_started:
            expected_seconds *= playback.pending_characters / len(segment)
            playback.require_room(expected_seconds / FORECAST_ERROR_RATIO)
        sources = [await self._find(self.models.models_to_play(voice), voice, phonemes) for phonemes in chunks]
        selected: Source | None = None
        if None in sources:
            missing = chunks[sources.index(None) :]
            known = sum(map(len, missing)) * (1 + playback.pending_characters / len(segment))
            text = self._pending(content, voice, missing[0], round(known), is_timed=recordings is not None)
            selected = await self.models.select(voice, playback, text)
        if chunks:
            # The caller can play a chime while the synthesis starts.
            yield silence(0)
        is_cached, quality, audio_seconds, work_before = True, FULL, 0.0, playback.work_seconds
        for phonemes, found in zip(chunks, sources, strict=True):
            source = found or selected or self.models.full
            key = self._key(await source.fingerprint(), voice, phonemes)
            recording = await self._cache.get(key)
            if recording is None:
                is_cached = False
                text = self._pending(content, voice, phonemes, is_timed=recordings is not None)
                source = selected = selected or await self.models.select(voice, playback, text)
                recording = self._release_after(key, self._synthesize(selected, voice, phonemes, playback, content))
            fade, begin, recorded = RecordingFade(), audio_seconds, [silence(0)]
            async with aclosing(recording) as pcm:
                async for chunk in pcm:
                    audio_seconds += seconds(chunk)
                    recorded += [chunk] if recordings is not None else []
                    yield self._play(fade.feed(chunk), voice, playback)
            yield self._play(fade.finish(), voice, playback)
            if recordings is not None:
                # A substitute has other durations.
                times = () if playback.failed else await self._time(source, voice, phonemes, playback)
                speed, stretch = model_speed(self._speed(voice)), stretch_factor(self._speed(voice))
                pauses = find_pauses(np.concatenate(recorded), stretch)
                length = (audio_seconds - begin) / stretch
                recordings.append(TimedRecording(phonemes, begin / stretch, length, times, pauses, stretch, speed))
            quality = source.model.quality if is_cached else playback.quality or FULL
        playback.cached = playback.cached and is_cached
        work_seconds = playback.work_seconds - work_before
        reason: SelectionReason = "cached" if is_cached else playback.reason
        self._observe(SegmentFinished(phrase, voice.name, is_cached, audio_seconds, work_seconds, quality, reason))

    async def time_words(
        self, words: Sequence[str], language: str, recordings: Sequence[TimedRecording]
    ) -> list[tuple[float, float]]:
        """Return the begin and the end of each word of a segment, in seconds of its audio."""
        spoken = await self._text.phonemize_words(words, language)
        return await asyncio.to_thread(time_words, spoken, recordings)

    async def prefetch(self, segment: str, voice: Voice, playback: Playback) -> None:
        """Synthesize the first audio of the likely next segment of `playback`, and hold it until cancelled.

        All segments that are spoken precede it, and it becomes one of them when `synthesize` joins. Raises
        `SpeechError`.
        """
        for phonemes in (await self._phoneme_chunks(segment, voice))[:1]:
            text = self._pending(_content(segment, voice), voice, phonemes)
            source = self.models.choose(voice, playback, text).source
            is_full = source is self.models.full
            if not (self.models.admission.can_start(playback, text) if is_full else source.is_open):
                return
            model = await source.wait_until_open()
            if not await self._find(self.models.models_to_play(voice), voice, phonemes):
                key = self._key(model.fingerprint, voice, phonemes)
                async with aclosing(
                    self._synthesize_and_cache(model, key, IdlePriority(), playback.add_work)
                ) as chunks:
                    await anext(chunks, None)
                    await asyncio.Event().wait()

    async def warm(self, segment: str, voice: Voice) -> WarmupResult:
        """Add one segment to the phrase cache, while no stream needs a model. Raises `SpeechError`."""
        work_seconds, audio_seconds, is_elsewhere = [0.0], 0.0, False
        for phonemes in await self._phoneme_chunks(segment, voice):
            source = await self.models.open_for_warmup(voice)
            if await self._find(self.models.models_to_warm(voice), voice, phonemes):
                continue
            key = self._key(await source.fingerprint(), voice, phonemes)
            if not await self._cache.claim(key):
                is_elsewhere = True
                continue
            stream = self._synthesize_and_cache(source.model, key, IdlePriority(), work_seconds.append)
            with self.models.report_failures(source):
                async with aclosing(stream) as chunks:
                    audio_seconds += sum([seconds(chunk) async for chunk in chunks])
        return WarmupResult(sum(work_seconds), audio_seconds, is_elsewhere)

    async def is_warm(self, segment: str, voice: Voice) -> bool:
        """Return whether the phrase cache has the phonemes and the whole audio of one segment."""
        phonemes = await self._text.cached_phonemes(segment, voice.language)
        if phonemes is None:
            return False
        models = self.models.models_to_warm(voice)
        return all([await self._find(models, voice, chunk) for chunk in split_phonemes(phonemes, MAX_PHONEMES)])

    async def _phoneme_chunks(self, segment: str, voice: Voice) -> list[str]:
        return split_phonemes(await self._text.phonemize(segment, voice.language), MAX_PHONEMES)

    async def _find(self, models: Sequence[Source], voice: Voice, phonemes: str) -> Source | None:
        """Return the first of `models` whose recording is cached."""
        for source in models:
            if await self._cache.has(self._key(await source.fingerprint(), voice, phonemes)):
                return source
        return None

    async def _synthesize(
        self, selected: Source, voice: Voice, phonemes: str, playback: Playback, content: Hashable
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the PCM of `phonemes`. If the model fails, substitutes continue where the audio ended.

        Raises the error of the first model if all fail.
        """
        heard, failure = 0, SynthesisFailed(f"voice {voice.name} failed before in this request")
        for source, speaker in ((selected, voice), *self.models.substitutes(selected, voice)):
            identity = (source.model.name, speaker.style_name)
            if identity in playback.failed:
                continue
            if playback.failed:
                text = self._pending(content, voice, phonemes)
                await self.models.enter(source, "failure", playback, text)
                self._log_substitute(voice, source, speaker)
            try:
                position = 0
                async with aclosing(self._attempt(source, speaker, phonemes, playback)) as chunks:
                    async for chunk in chunks:
                        unheard = chunk[max(0, heard - position) :]
                        position += len(chunk)
                        heard = max(heard, position)
                        yield unheard if speaker is voice else amplify(unheard, _relative_gain(speaker, voice))
            except SynthesisFailed as error:
                failure = failure if playback.failed else error
                playback.failed.add(identity)
            else:
                return
        raise failure

    async def _attempt(
        self, source: Source, voice: Voice, phonemes: str, playback: Playback
    ) -> AsyncGenerator[Pcm, None]:
        """Yield the PCM of `phonemes` from one model. Raises `SynthesisFailed`."""
        with self.models.report_failures(source):
            model = await source.wait_until_open()
            key = self._key(model.fingerprint, voice, phonemes)
            # The caller has already searched for a recording of the first model.
            cached = await self._cache.get(key) if playback.failed else None
            stream = cached or self._synthesize_and_cache(model, key, playback, playback.add_work)
            async with aclosing(stream) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _time(self, source: Source, voice: Voice, phonemes: str, playback: Playback) -> Sequence[float]:
        """Return the times of `phonemes` in the audio of the model `source`; empty if it cannot tell."""
        times: list[float] = []
        content, speed = object(), model_speed(self._speed(voice))
        try:
            model = await source.wait_until_open()

            def units() -> UnitIterator:
                times.extend((yield from model.time_phonemes(phonemes, voice.style_name, speed)))

            async with AsyncExitStack() as stack:
                if source is self.models.full:
                    text = self._pending(content, voice, phonemes)
                    await stack.enter_async_context(self.models.admission.borrowed_place(playback, text))
                work = self._shared.stream(content, playback, units, model.quality)
                async for _ in await stack.enter_async_context(aclosing(work)):
                    pass
        except SpeechError as error:
            log.warning("Timing failed (%s); words share the time of the segment", error)
        return times

    def _log_substitute(self, voice: Voice, source: Source, speaker: Voice) -> None:
        """Log the first use of each substitute of a voice."""
        substitute = (voice.name, source.model.name)
        if substitute not in self._reported_substitutes and len(self._reported_substitutes) < MAX_REPORTED_SUBSTITUTES:
            self._reported_substitutes.add(substitute)
            name = source.model.name
            log.warning("Voice %s failed; the model %s speaks as %s instead", voice.name, name, speaker.style_name)

    def _synthesize_and_cache(
        self, model: SpeechModel, key: PhraseKey, priority: Priority, add_work: Callable[[float], object]
    ) -> AsyncGenerator[Pcm, None]:
        def on_complete(pcm: Pcm, work_seconds: float) -> None:
            add_work(work_seconds)
            # The fingerprint changes if another provider took over meanwhile. A mixed recording must not be cached.
            # Nor must silence: it is cheap, or the model is at fault.
            if sound_fingerprint(model.fingerprint, key.speed) == key.fingerprint and pcm.any():
                self._cache.put(key, pcm, work_seconds)

        def synthesize() -> UnitIterator:
            return model.synthesize(key.phonemes, key.voice, model_speed(key.speed))

        stream = self._shared.stream(
            key,
            priority,
            lambda: record_pcm(stretched(synthesize(), stretch_factor(key.speed)), on_complete),
            model.quality,
            len(key.phonemes),
            work_ratio=1 / stretch_factor(key.speed),
        )
        return self._release_after(key, stream)

    async def _release_after(self, key: PhraseKey, recording: AsyncGenerator[Pcm, None]) -> AsyncGenerator[Pcm, None]:
        """Yield `recording`. Other servers do not wait for one that fails or is abandoned."""
        try:
            async with aclosing(recording) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self._cache.release(key)

    def _key(self, fingerprint: str, voice: Voice, phonemes: str) -> PhraseKey:
        speed = self._speed(voice)
        return PhraseKey(sound_fingerprint(fingerprint, speed), voice.style_name, speed, phonemes)

    def _pending(
        self, content: Hashable, voice: Voice, phonemes: str, known: int = 0, *, is_timed: bool = False
    ) -> PendingText:
        """Return `content`, which has these phonemes, with the number of all known ones of the request."""
        speed, count = self._speed(voice), len(phonemes)
        return PendingText(content, count, known or count, speed, model_speed(speed), is_timed)

    def _speed(self, voice: Voice) -> float:
        # Markup may ask for any speed.
        return min(MAX_SPEED, max(MIN_SPEED, round(self._defaults.speed * voice.speed, SPEED_DIGITS)))

    def _play(self, chunk: Pcm, voice: Voice, playback: Playback) -> Pcm:
        playback.add_audio(seconds(chunk))
        return amplify(chunk, self._defaults.volume * voice.gain)


def _content(segment: str, voice: Voice) -> Hashable:
    """Return what is equal for requests that share a synthesis."""
    return voice.style_name, voice.language, voice.speed, segment


def _relative_gain(speaker: Voice, voice: Voice) -> float:
    """Return the gain of `speaker` for audio to which the gain of `voice` will be applied."""
    return speaker.gain / voice.gain if voice.gain else 0.0
