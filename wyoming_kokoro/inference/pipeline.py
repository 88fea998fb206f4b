"""The opened stages of a prepared model, with typed inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wyoming_kokoro.api.metrics import StageStatus
from wyoming_kokoro.api.providers import Provider, Session, SessionOptions
from wyoming_kokoro.inference.albert import FixedTokens, SplitProsody, context_shape, token_limit
from wyoming_kokoro.inference.fixed_windows import FixedWindows
from wyoming_kokoro.inference.process_session import open_session
from wyoming_kokoro.inference.selection import ProviderSelector
from wyoming_kokoro.inference.stage import (
    OutputShapes,
    Stage,
    StageObserver,
    WindowSize,
    any_length,
    any_shapes,
    precision_variant,
    window_frames,
)
from wyoming_kokoro.inference.vocoder import StageRunner, VocoderStream, lag_frames, vocoder_shapes
from wyoming_kokoro.model.adain import TIMBRE_WIDTH, AdaInAffine
from wyoming_kokoro.model.features import extract_features
from wyoming_kokoro.model.harmonic_source import HarmonicMix, HarmonicSource
from wyoming_kokoro.model.manifest import WINDOW_FRAMES, Manifest
from wyoming_kokoro.model.styles import Style
from wyoming_kokoro.model.vocabulary import tokenize
from wyoming_kokoro.preparation.store import (
    ALBERT_FILE,
    FIRST_WINDOW_FILE,
    LATER_WINDOW_FILE,
    PREDICTOR_FILE,
    albert_file,
    fix_shapes,
    split_albert,
)
from wyoming_kokoro.storage import ChildProcesses
from wyoming_kokoro.types import Array, FloatArray, OnReady, ignore

FRAMES_PER_DURATION = 2
"""Durations count frames of 25 ms; everything here counts frames of 12.5 ms."""


@dataclass(frozen=True, slots=True)
class Prosody:
    """The timing, pitch and energy of an utterance."""

    durations: npt.NDArray[np.int64]
    """Frames of 25 ms for each token, including the padding token at each end."""
    text: FloatArray
    pitch: FloatArray
    energy: FloatArray
    style: Style

    @property
    def frames(self) -> int:
        """The number of 12.5 ms frames in the utterance, including silence."""
        return int(self.pitch.shape[1])


class ModelPipeline:
    """Turns phonemes into samples, with each stage on the provider selected for it."""

    def __init__(
        self,
        folder: Path,
        providers: Sequence[Provider],
        options: SessionOptions,
        *,
        selector: ProviderSelector | None = None,
        observe: StageObserver = ignore,
        on_ready: OnReady = ignore,
        children: ChildProcesses | None = None,
    ) -> None:
        """Open in parallel the stages that every utterance needs. `children` prepare others. Raises `StartupError`."""
        self._children = children
        self._folder, self._providers, self._options = folder, providers, options
        self._selector, self._observe, self._on_ready = selector or ProviderSelector(), observe, on_ready
        self._open_stages: list[Stage] = []
        self._manifest = Manifest.read(folder)
        with ThreadPoolExecutor(2, thread_name_prefix="opening") as workers:
            self.vocoder, prosody, self._decoder = workers.map(self._open, ("vocoder", "prosody", "decoder"))
        self._prosody: StageRunner = prosody
        self._split_prosody: SplitProsody | None = None
        self._affine = AdaInAffine.read(folder)
        self._mixture = HarmonicMix(np.array(self._manifest.harmonics), self._manifest.offset)
        self.lag = lag_frames(self._manifest)

    @property
    def precision(self) -> str:
        """The precision classes that affect the sound: of the vocoder, and of ALBERT if an accelerator runs it."""
        accelerators = self._split_prosody.accelerator_precisions if self._split_prosody else ""
        return f"{self.vocoder.precision}, albert {accelerators}" if accelerators else self.vocoder.precision

    def open_vocoder(self, provider: Provider, threads: int) -> Session:
        """Return the vocoder on another provider, with the inputs and outputs of `vocoder`.

        May take a minute: call it on a worker thread. Raises `GraphMismatch`, `StartupError` or the provider's error.
        """
        options = replace(self._options, threads=threads)
        if not provider.fixed_shapes:
            return open_session(provider, precision_variant(self._folder / "vocoder.onnx", provider), options)
        folder = fix_shapes(self._folder, provider.precision, self._children)
        first, later = (
            open_session(provider, folder / name, options) for name in (FIRST_WINDOW_FILE, LATER_WINDOW_FILE)
        )
        return FixedWindows(first, later, self._manifest.states, WINDOW_FRAMES)

    def open_split_prosody(self) -> SplitProsody:
        """Return prosody in two parts, on the CPU.

        May take some seconds: call it on a worker thread. Raises `GraphMismatch`, `StartupError` or `OSError`.
        """
        folder = split_albert(self._folder, self._children)
        options = replace(self._options, cache_dir=folder / "compiled")
        albert = self._open_stage(folder / ALBERT_FILE, options, token_limit, context_shape)
        return SplitProsody(albert, self._open_stage(folder / PREDICTOR_FILE, options))

    def use_split_prosody(self, split_prosody: SplitProsody) -> None:
        """Run prosody in two parts from now on, and close them with the other stages."""
        self._prosody = self._split_prosody = split_prosody
        self._open_stages += split_prosody.stages

    def open_albert(self, tokens: int, provider: Provider, threads: int) -> Session:
        """Return ALBERT for texts of at most `tokens` on another provider, with the inputs and outputs of that stage.

        May take a minute: call it on a worker thread. Raises `GraphMismatch`, `StartupError` or the provider's error.
        """
        options = replace(self._options, threads=threads)
        file = split_albert(self._folder, self._children) / albert_file(tokens)
        return FixedTokens(open_session(provider, file, options), tokens)

    @property
    def statuses(self) -> Sequence[StageStatus]:
        """The status of each open stage. From any thread."""
        return [stage.status for stage in tuple(self._open_stages)]

    @property
    def wants_fixed_windows(self) -> bool:
        """Whether the provider selected for the vocoder needs windows of one size."""
        return self.vocoder.selected_provider(WINDOW_FRAMES).fixed_shapes

    def shrink(self) -> None:
        """Make the next run of every session free its spare memory. From any thread."""
        for stage in tuple(self._open_stages):
            stage.shrink()

    def close_whole_stage(self) -> None:
        """Close the stage that decodes whole segments, if it is open. `decode_whole` opens it again."""
        whole = vars(self).pop("_whole", None)
        if whole is not None:
            self._open_stages.remove(whole)
            whole.close()

    def close(self) -> None:
        """Close all stages."""
        for stage in self._open_stages:
            stage.close()

    def predict_prosody(self, phonemes: str, style: Style, speed: float) -> Prosody:
        """Return the prosody of `phonemes`, which are 1 to 510 symbols of the vocabulary."""
        ids = np.array([[0, *tokenize(phonemes), 0]], dtype=np.int64)
        outputs = self._prosody.run({"tokens": ids, "style": style, "speed": np.array([speed], dtype=np.float32)})
        return Prosody(outputs["durations"].ravel(), outputs["text"], outputs["pitch"], outputs["energy"], style)

    def decode_frames(self, prosody: Prosody) -> FloatArray:
        """Return the input of the vocoder, shape [512, frames]."""
        feeds = {"text": prosody.text, "pitch": prosody.pitch, "energy": prosody.energy, "style": prosody.style}
        frames: FloatArray = self._decoder.run(feeds)["frames"][0]
        return frames

    def features(self, prosody: Prosody, frames: FloatArray) -> FloatArray:
        """Return the features that the AdaIN statistics are predicted from."""
        return extract_features(frames, prosody.pitch[0])

    def start_vocoder(
        self,
        prosody: Prosody,
        statistics: tuple[FloatArray, FloatArray],
        begin: int,
        vocoder: StageRunner | None = None,
    ) -> VocoderStream:
        """Return a stream that decodes this utterance from frame `begin` on. A trial passes its own `vocoder`."""
        affine = self._affine.feeds(prosody.style[0, :TIMBRE_WIDTH], *statistics)
        return VocoderStream(vocoder or self.vocoder, self._manifest, self._source(prosody), affine, begin)

    def decode_whole(self, prosody: Prosody, frames: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the spectrum of the whole utterance, shape [22, hops], with its AdaIN means and variances."""
        source = self._source(prosody).spectrum(0, prosody.frames)
        feeds: dict[str, Array] = {
            "frames": frames[None],
            "source": np.concatenate([source, source[:, :, -1:]], axis=2),
            "style": prosody.style,
        }
        outputs = self._whole.run(feeds)
        return outputs["spectrum"][0], outputs["mean"].ravel(), outputs["variance"].ravel()

    @cached_property
    def _whole(self) -> Stage:
        # Opened on first use: it is large, and only voices without AdaIN statistics need it.
        return self._open("whole")

    def _open(self, name: str) -> Stage:
        file = self._folder / f"{name}.onnx"
        if name == "vocoder":
            shapes = partial(vocoder_shapes, self._manifest)
            stage = self._open_stage(file, self._options, window_frames, shapes)
        else:
            stage = self._open_stage(file, self._options)
        self._open_stages.append(stage)
        self._on_ready(name)
        return stage

    def _open_stage(
        self,
        file: Path,
        options: SessionOptions,
        window_size: WindowSize = any_length,
        output_shapes: OutputShapes = any_shapes,
    ) -> Stage:
        return Stage(
            file,
            self._providers,
            options,
            selector=self._selector,
            observe=self._observe,
            window_size=window_size,
            output_shapes=output_shapes,
        )

    def _source(self, prosody: Prosody) -> HarmonicSource:
        """Return the source, followed by silence for the vocoder's look-ahead."""
        beyond = np.zeros(self.lag + self._manifest.look_ahead + WINDOW_FRAMES, dtype=np.float32)
        return HarmonicSource(np.concatenate([prosody.pitch[0], beyond]), self._mixture)
