"""Decides which model speaks. `docs/scheduling.md` describes the rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress

from wyoming_kokoro.api.speech_models import SpeechModel
from wyoming_kokoro.config import VoiceConfig
from wyoming_kokoro.scheduling.admission import AdmissionControl
from wyoming_kokoro.scheduling.playback import Playback
from wyoming_kokoro.speech.pending_model import PendingModel
from wyoming_kokoro.types import QualitySetting, Voice

log = logging.getLogger(__name__)


class ModelSelector:
    """Selects the full model or a distilled one for each segment that is not cached."""

    def __init__(
        self,
        full: PendingModel[SpeechModel],
        distilled: Sequence[PendingModel[SpeechModel]],
        admission: AdmissionControl,
        first_audio_seconds: Callable[[int], float | None],
    ) -> None:
        """`first_audio_seconds` returns the time that the full model needs until the first audio of a segment.

        Its argument is the number of phonemes. It returns None until the speed was measured.
        """
        self.full = full
        self.distilled = tuple(distilled)
        self.admission = admission
        self.wants_measurement = asyncio.Event()
        """Set when the full model was too slow or not measured, so that a newer measurement may change the decision."""
        self._first_audio_seconds = first_audio_seconds
        self._failed: set[str] = set()
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
        """Wait until a model can speak the default voice. Raises `StartupError`."""
        distilled = self.distilled_model(self._default_voice) if self._default_voice else None
        if self._opens_full or distilled is None or not await self.can_open(distilled):
            await self.full.open()

    @property
    def is_ready(self) -> bool:
        """Whether a model can speak the default voice now."""
        distilled = self.distilled_model(self._default_voice) if self._default_voice else None
        return self.full.is_open or (not self._opens_full and distilled is not None and distilled.is_open)

    def distilled_model(self, voice: Voice) -> PendingModel[SpeechModel] | None:
        """Return the distilled model that may speak `voice`, or None."""
        if self.quality(voice) == "full":
            return None
        for pending in self.distilled:
            model = pending.model
            if voice.style_name in model.voices and voice.language in model.languages and not self.has_failed(model):
                return pending
        return None

    def models_to_play(self, voice: Voice) -> Sequence[PendingModel[SpeechModel]]:
        """Return the models whose cached recordings of `voice` may be played, the best first."""
        distilled = self.distilled_model(voice)
        if distilled is None:
            return (self.full,)
        # The fingerprint of the full model can take a second. It is not worth waiting for if that model never speaks.
        can_skip_full = self.quality(voice) == "distilled" and not self.full.knows_fingerprint
        return (distilled,) if can_skip_full else (self.full, distilled)

    def choose(
        self, voice: Voice, playback: Playback, content: Hashable, phoneme_count: int
    ) -> PendingModel[SpeechModel]:
        """Return the model that would speak `content` now."""
        distilled = self.distilled_model(voice)
        if distilled is None:
            return self.full
        if "distilled" in (self.quality(voice), playback.quality):
            return distilled
        if playback.quality == "full":
            return self.full if self.admission.can_admit(playback, content) else distilled
        return self.full if self._is_full_fast_enough(playback, content, phoneme_count) else distilled

    async def select(
        self, voice: Voice, playback: Playback, content: Hashable, phoneme_count: int
    ) -> PendingModel[SpeechModel]:
        """Return the model that speaks `content`, and give `playback` a slot if it is the full one.

        Raises `Overloaded` before the first audio of `playback`, if the full model must speak but has no slot.
        """
        model = self.choose(voice, playback, content, phoneme_count)
        if model is self.full or not await self.can_open(model):
            model = self.full
            if not (self.admission.can_admit(playback, content) or playback.has_started):
                raise self.admission.overloaded_error()
            self.admission.admit(playback, content)
        playback.quality = model.model.quality
        return model

    async def open_for_warmup(self, voice: Voice) -> PendingModel[SpeechModel]:
        """Return the open model that speaks `voice` when the server is idle. Raises `SynthesisFailed`."""
        distilled = self.distilled_model(voice) if self.quality(voice) == "distilled" else None
        if distilled and await self.can_open(distilled):
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
        return self.models_to_play(voice) if self.quality(voice) == "distilled" else (self.full,)

    @contextmanager
    def report_failures(self, source: PendingModel[SpeechModel]) -> Iterator[None]:
        """Stop using a distilled model that raises in the block. The first error is logged."""
        try:
            yield
        except Exception as error:
            name = source.model.name
            if source is not self.full and name not in self._failed:
                log.exception("Speech model %s failed; the full model speaks instead", name, exc_info=error)
                self._failed.add(name)
            raise

    def has_failed(self, model: SpeechModel) -> bool:
        """Return whether `model` is no longer used."""
        return model.name in self._failed

    @property
    def _opens_full(self) -> bool:
        """Whether the full model opens at startup, and not when a voice first needs it."""
        voice = self._default_voice
        return voice is None or self.quality(voice) != "distilled" or self.distilled_model(voice) is None

    def quality(self, voice: Voice) -> QualitySetting:
        """Return the setting that decides which model speaks `voice`."""
        return voice.quality or self._settings.quality

    def _is_full_fast_enough(self, playback: Playback, content: Hashable, phoneme_count: int) -> bool:
        seconds = self._first_audio_seconds(phoneme_count)
        # A client that still plays a cached segment does not wait.
        limit = max(self._settings.first_audio_ms / 1000, playback.buffered_seconds)
        is_fast = self.full.is_open and seconds is not None and seconds <= limit
        if is_fast and self.admission.fits_in_real_time(playback, content):
            return True
        self.wants_measurement.set()
        return False
