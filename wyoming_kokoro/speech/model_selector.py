"""Decides which model speaks. `docs/scheduling.md` describes the rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from wyoming_kokoro.api.metrics import ModelStatus
from wyoming_kokoro.api.speech_models import SelectionReason, SpeechModel
from wyoming_kokoro.config import VoiceConfig
from wyoming_kokoro.errors import KokoroError, StartupError
from wyoming_kokoro.scheduling.admission import AdmissionControl, PendingText
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.types import QualitySetting, Voice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Selection:
    """The model that speaks a segment, and why."""

    source: PendingModel[SpeechModel]
    reason: SelectionReason


class ModelSelector:
    """Selects the full model or a distilled one for each segment that is not cached."""

    def __init__(
        self,
        full: PendingModel[SpeechModel],
        distilled: Sequence[PendingModel[SpeechModel]],
        admission: AdmissionControl,
        first_audio_seconds: Callable[[int], float | None],
        alphabets: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`first_audio_seconds` returns the time that the full model needs until the first audio of a segment.

        Its argument is the number of phonemes. It returns None until the speed was measured. `alphabets` has the
        phoneme symbols of each language; espeak's have no name.
        """
        self.full = full
        self.distilled = tuple(distilled)
        self.admission = admission
        self.wants_measurement = asyncio.Event()
        """Set when the full model was too slow or not measured, so that a newer measurement may change the decision."""
        self._first_audio_seconds = first_audio_seconds
        self._alphabets = alphabets
        for source in distilled:
            model = source.model
            if model.alphabet and model.alphabet not in {alphabets.get(language) for language in model.languages}:
                log.warning("Model %s is not used: no phonemizer has the %s symbols", model.name, model.alphabet)
        self._failed: dict[str, Exception] = {}
        """The errors of the distilled models that are no longer used, by model name."""
        self._settings = VoiceConfig()
        self._default_voice: Voice | None = None

    def apply_config(self, settings: VoiceConfig, default_voice: Voice) -> None:
        """Use `settings` from now on, and start to open the models of `default_voice`."""
        self._settings, self._default_voice = settings, default_voice
        self.full.start_fingerprint()
        if distilled := self.distilled_model(default_voice):
            distilled.start()
            self.wants_measurement.set()
        if self._opens_full:
            self.full.start()

    async def ready(self) -> None:
        """Wait until a model can speak the default voice. Raises `StartupError`.

        Unless the quality is `full`, the distilled model of the default voice is enough if the full model fails.
        """
        distilled = self.distilled_model(self._default_voice) if self._default_voice else None
        if distilled and not self._opens_full and await self.can_open(distilled):
            return
        try:
            await self.full.open()
        except StartupError as error:
            if distilled is None or not await self.can_open(distilled):
                raise
            log.error("Full model failed; only voices with a distilled model speak (%s)", error)

    @property
    def is_ready(self) -> bool:
        """Whether a model can speak the default voice now."""
        distilled = self.distilled_model(self._default_voice) if self._default_voice else None
        needs_full = self._opens_full and not self.full.failure
        return self.full.is_open or (not needs_full and distilled is not None and distilled.is_open)

    @property
    def statuses(self) -> Sequence[ModelStatus]:
        """The full model, then the distilled ones."""
        return [self._status(source) for source in (self.full, *self.distilled)]

    def distilled_model(self, voice: Voice) -> PendingModel[SpeechModel] | None:
        """Return the distilled model that may speak `voice`, or None."""
        return None if self.quality(voice) == "full" else self._working_model_of(voice)

    def _working_model_of(self, voice: Voice) -> PendingModel[SpeechModel] | None:
        """Return the distilled model of `voice` that has not failed, whatever the quality is."""
        return next((source for source in self._distilled_of(voice) if not self.has_failed(source)), None)

    def _distilled_of(self, voice: Voice) -> Iterator[PendingModel[SpeechModel]]:
        alphabet = self._alphabets.get(voice.language, "")
        for source in self.distilled:
            model = source.model
            has_voice = voice.style_name in model.voices and voice.language in model.languages
            if has_voice and model.alphabet in ("", alphabet):
                yield source

    def models_to_play(self, voice: Voice) -> Sequence[PendingModel[SpeechModel]]:
        """Return the models whose cached recordings of `voice` may be played, the best first."""
        distilled = self.distilled_model(voice)
        if distilled is None:
            return (self.full,)
        # The fingerprint of the full model can take a second. It is not worth waiting for if that model never speaks.
        can_skip_full = self._warms_distilled(voice) and not self.full.knows_fingerprint
        return (distilled,) if can_skip_full else (self.full, distilled)

    def choose(self, voice: Voice, playback: Playback, text: PendingText) -> Selection:
        """Return the model that would speak `text` now, and why."""
        distilled, quality = self.distilled_model(voice), self.quality(voice)
        if distilled is None:
            return Selection(self.full, self._reason_for_full(voice))
        if quality == "distilled":
            return Selection(distilled, "setting")
        if self.full.failure:
            return Selection(distilled, "failure")
        if playback.quality == "distilled":
            return Selection(distilled, playback.reason)
        if playback.quality == "full":
            can_start = self.admission.can_start(playback, text)
            return Selection(self.full, playback.reason) if can_start else Selection(distilled, "slow")
        reason = self._full_speed(playback, text)
        return Selection(self.full if reason == "fast" else distilled, reason)

    def _reason_for_full(self, voice: Voice) -> SelectionReason:
        if self.quality(voice) == "full":
            return "setting"
        return "failure" if any(self._distilled_of(voice)) else "no-distilled-model"

    async def select(self, voice: Voice, playback: Playback, text: PendingText) -> PendingModel[SpeechModel]:
        """Return the model that speaks `text`. If it is the full one, wait until `playback` may use it.

        Raises `Overloaded` before the first audio of `playback`, if the full model must speak and the request is
        expected to wait for too long.
        """
        selection = self.choose(voice, playback, text)
        source, reason = selection.source, selection.reason
        if source is not self.full and not await self.can_open(source):
            source, reason = self.full, "failure"
        await self.enter(source, reason, playback, text)
        return source

    async def enter(
        self, source: PendingModel[SpeechModel], reason: SelectionReason, playback: Playback, text: PendingText
    ) -> None:
        """Note that `source` speaks `text`. If it is the full model, wait as `AdmissionControl.enter` does."""
        if source is self.full:
            await self.admission.enter(playback, text)
        playback.quality, playback.reason = source.model.quality, reason

    def substitutes(
        self, failed: PendingModel[SpeechModel], voice: Voice
    ) -> Iterator[tuple[PendingModel[SpeechModel], Voice]]:
        """Yield what can speak in place of the `failed` model: the other model of `voice`, then its fallback voice."""
        for speaker in filter(None, (voice, voice.fallback)):
            for source in (self._working_model_of(speaker), self.full):
                if source and not source.failure and (speaker is not voice or source is not failed):
                    yield source, speaker

    async def open_for_warmup(self, voice: Voice) -> PendingModel[SpeechModel]:
        """Return the open model that speaks `voice` when the server is idle. Raises `SynthesisFailed`."""
        distilled = self.distilled_model(voice)
        if distilled and self._warms_distilled(voice) and await self.can_open(distilled):
            return distilled
        await self.full.wait_until_open()
        return self.full

    async def can_open(self, distilled: PendingModel[SpeechModel]) -> bool:
        """Open a distilled model; return whether it is open."""
        with suppress(Exception), self.report_failures(distilled):
            await distilled.open()
        return distilled.is_open

    def models_to_warm(self, voice: Voice) -> Sequence[PendingModel[SpeechModel]]:
        """Return the models of which warmup needs one recording of each phrase of `voice`."""
        return self.models_to_play(voice) if self._warms_distilled(voice) else (self.full,)

    def _warms_distilled(self, voice: Voice) -> bool:
        return self.quality(voice) == "distilled" or self.full.failure is not None

    @contextmanager
    def report_failures(self, source: PendingModel[SpeechModel]) -> Iterator[None]:
        """Stop using a distilled model that raises in the block. The first error is logged."""
        try:
            yield
        except Exception as error:
            name = source.model.name
            if source is not self.full and name not in self._failed:
                # The text of a known error says what to do.
                trace = None if isinstance(error, KokoroError) else error
                log.error("Speech model %s failed and is not used again (%s)", name, error, exc_info=trace)
                self._failed[name] = error
            raise

    def has_failed(self, source: PendingModel[SpeechModel]) -> bool:
        """Return whether a distilled model is no longer used."""
        return source.model.name in self._failed

    def _status(self, source: PendingModel[SpeechModel]) -> ModelStatus:
        model, error = source.model, self._failed.get(source.model.name) or source.failure
        state = "failed" if error else source.state
        return ModelStatus(model.name, model.quality, tuple(sorted(model.voices)), state, str(error or ""))

    @property
    def _opens_full(self) -> bool:
        """Whether the full model opens at startup, and not when a voice first needs it."""
        voice = self._default_voice
        return voice is None or self.quality(voice) != "distilled" or self.distilled_model(voice) is None

    def quality(self, voice: Voice) -> QualitySetting:
        """Return the setting that decides which model speaks `voice`."""
        return voice.quality or self._settings.quality

    def _full_speed(self, playback: Playback, text: PendingText) -> Literal["fast", "slow", "unmeasured"]:
        seconds = self._first_audio_seconds(text.phonemes)
        # A client that still plays a cached segment or a chime does not wait.
        limit = max(self._settings.first_audio_ms / 1000, playback.buffered_seconds + playback.chime_seconds)
        is_fast = self.full.is_open and seconds is not None and seconds <= limit
        if is_fast and self.admission.fits_in_real_time(playback, text):
            return "fast"
        self.wants_measurement.set()
        return "slow" if self.full.is_open and seconds is not None else "unmeasured"
