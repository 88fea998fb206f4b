"""Makes the samples of one distilled voice in short units of work.

The voice needs no gain of its own: af_heart is as loud as the full model's, +0.0 LU in the median of 20 lines, with a
standard deviation of 0.5 LU (`python -m tools.data.measure_distilled_gain`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from wyoming_kokoro import SAMPLE_RATE, Array, Samples, SessionOptions
from wyoming_kokoro.onnx import OnnxSession, open_onnx
from wyoming_kokoro_distilled.calibration import UNMEASURED, Calibration, stored_calibration
from wyoming_kokoro_distilled.preparation import PreparedVoice, prepare
from wyoming_kokoro_distilled.silence import EdgeTrimmer, speech_bounds
from wyoming_kokoro_distilled.synthesis import HOP, MAP_NAMES, FloatArray, SpectralSynthesis

# The first window is short, so that the first samples leave early. Later windows are longer, because the context of a
# window is decoded twice. Frames are 12.5 ms.
FIRST_WINDOW_FRAMES = 16
MAX_WINDOW_FRAMES = 128
WINDOW_GROWTH = 2
# The outer frames of the receptive field hardly matter. In 60 household texts, windows with 20 of 27 frames of context
# had a log-spectral distance of at most 0.49 dB to one pass, and of 0.48 dB with all. The rest is dynamic quantization.
CONTEXT_RATIO = 0.75


class DistilledVoice(Protocol):
    """Makes samples of one voice."""

    calibration: Calibration
    """What the removal of silence depends on."""

    def synthesize_untrimmed(self, tokens: Sequence[int], speed: float) -> tuple[FloatArray | None, Samples]:
        """Return the energy of each frame of 12.5 ms, if the graph has it, and all samples of a segment."""

    def synthesize(self, tokens: Sequence[int], speed: float) -> Iterator[Samples]:
        """Yield the samples of a segment, without silence around them. Each `next()` is one unit of work.

        `tokens` are ids of Kokoro's vocabulary without padding. A unit can yield no samples.
        """

    def time_tokens(self, tokens: Sequence[int], speed: float) -> Sequence[float]:
        """Return when each token begins in the samples of `synthesize`, in seconds, and when the last one ends.

        Empty if the graph does not output its durations.
        """

    def close(self) -> None:
        """Free all memory."""


def open_voice(prepared: PreparedVoice, options: SessionOptions) -> DistilledVoice:
    """Open the sessions of a voice. Raises the errors of ONNX Runtime."""
    if prepared.manifest.form == "waveform":
        return WaveformVoice(_open(prepared.whole, options))
    if not prepared.is_cut:
        return SpectralVoice(_open(prepared.file, options))
    context = round(prepared.manifest.receptive_frames * CONTEXT_RATIO)
    return SpectralVoice(_open(prepared.front, options), _open(prepared.decoder, options), context)


def load_voice(file: Path, sha256: str, cache_dir: Path) -> DistilledVoice:
    """Prepare and open the model `file` with this SHA-256.

    Raises `OSError`, `UnknownGraph` and the errors of ONNX Runtime.
    """
    prepared = prepare(file, sha256, cache_dir)
    voice = open_voice(prepared, SessionOptions(1, prepared.folder))
    voice.calibration = stored_calibration(prepared.folder, voice.synthesize_untrimmed)
    return voice


def _open(file: Path, options: SessionOptions) -> OnnxSession:
    return open_onnx(file, ["CPUExecutionProvider"], options)


class SpectralVoice:
    """A voice of the spectral form, decoded in windows if there is a `decoder`."""

    def __init__(self, front: OnnxSession, decoder: OnnxSession | None = None, context_frames: int = 0) -> None:
        """Without a `decoder`, `front` is the whole graph."""
        self._front = front
        self._decoder = decoder
        self._context_frames = context_frames
        self._synthesis = SpectralSynthesis()
        self.calibration = UNMEASURED

    def synthesize(self, tokens: Sequence[int], speed: float) -> Iterator[Samples]:
        """Yield the samples of a segment, without silence around them. Each `next()` is one unit of work."""
        ids, outputs = self._run_front(tokens, speed)
        trimmer = EdgeTrimmer(self.calibration.silence_rms)
        for samples in self._samples(ids, outputs, *self._bounds(outputs)):
            yield trimmer.feed(samples)
        yield trimmer.finish()

    def time_tokens(self, tokens: Sequence[int], speed: float) -> Sequence[float]:
        """Return the times of the tokens in the samples of `synthesize`. Decodes up to the first loud sample."""
        ids, outputs = self._run_front(tokens, speed)
        if "durations" not in outputs:
            return ()
        trimmer = EdgeTrimmer(self.calibration.silence_rms)
        begin, end = self._bounds(outputs)
        for samples in self._samples(ids, outputs, begin, end):
            trimmer.feed(samples)
            if trimmer.has_started:
                break
        offset = begin * HOP + trimmer.dropped
        durations = outputs["durations"].ravel()
        # The graph may count durations in longer frames than F0.
        ends = np.cumsum(durations) * (outputs["f0"].shape[1] * HOP / durations.sum())
        # The last token is the padding at the end.
        return tuple(((ends[:-1] - offset) / SAMPLE_RATE).tolist())

    def _samples(self, ids: Array, outputs: dict[str, FloatArray], begin: int, end: int) -> Iterator[Samples]:
        """Yield the samples from frame `begin` to `end`."""
        # The same segment gets the same noise each time, so that cached speech equals streamed speech.
        synthesizer = self._synthesis.start(outputs["f0"][0][begin:end], seed=zlib.crc32(ids.tobytes()))
        for maps in self._maps(outputs, begin, end):
            yield synthesizer.feed(maps)
        yield synthesizer.finish()

    def synthesize_untrimmed(self, tokens: Sequence[int], speed: float) -> tuple[FloatArray | None, Samples]:
        """Return the energy of each frame of 12.5 ms, if the graph has it, and all samples of a segment."""
        ids, outputs = self._run_front(tokens, speed)
        energy = outputs["energy"].ravel() if "energy" in outputs else None
        return energy, np.concatenate([*self._samples(ids, outputs, 0, outputs["f0"].shape[1])])

    def _bounds(self, outputs: dict[str, FloatArray]) -> tuple[int, int]:
        """Return the first frame that may hold speech, and the end of the last one."""
        if "energy" not in outputs:
            return 0, outputs["f0"].shape[1]
        return speech_bounds(outputs["energy"].ravel(), self.calibration.energy_ratio)

    def _run_front(self, tokens: Sequence[int], speed: float) -> tuple[Array, dict[str, FloatArray]]:
        """Return the padded tokens and the outputs of the front."""
        ids = _padded(tokens)
        return ids, self._front.run({"ids": ids, "speed": np.array([speed], dtype=np.float32)})

    def _maps(self, outputs: dict[str, FloatArray], begin: int, end: int) -> Iterator[FloatArray]:
        """Yield the spectral maps [frames, 5 * bins] from frame `begin` to `end`."""
        if self._decoder is None:
            yield np.concatenate([outputs[name][0] for name in MAP_NAMES]).T[begin:end]
            return
        frames = outputs["frames"]
        for start, stop in plan_windows(begin, end):
            first = max(0, start - self._context_frames)
            maps = self._decoder.run({"frames": frames[:, :, first : stop + self._context_frames]})["maps"][0]
            yield maps[start - first : stop - first]

    def close(self) -> None:
        """Free all memory."""
        self._front.close()
        if self._decoder is not None:
            self._decoder.close()


class WaveformVoice:
    """A voice of the waveform form, which makes a whole segment in one unit of work."""

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        self.calibration = UNMEASURED

    def synthesize(self, tokens: Sequence[int], speed: float) -> Iterator[Samples]:
        """Yield the samples of a segment, without silence around them."""
        _, samples = self.synthesize_untrimmed(tokens, speed)
        trimmer = EdgeTrimmer(self.calibration.silence_rms)
        yield np.concatenate([trimmer.feed(samples), trimmer.finish()])

    def synthesize_untrimmed(self, tokens: Sequence[int], speed: float) -> tuple[None, Samples]:
        """Return all samples of a segment. The graph has no energy."""
        feeds: dict[str, Array] = {"input_ids": _padded(tokens), "speed": np.array([speed], dtype=np.float32)}
        return None, self._session.run(feeds)["waveform"].ravel().astype(np.float32, copy=False)

    def time_tokens(self, tokens: Sequence[int], speed: float) -> Sequence[float]:  # noqa: ARG002
        """Return nothing: the graph does not output its durations."""
        return ()

    def close(self) -> None:
        """Free all memory."""
        self._session.close()


def plan_windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the first frame and the end of each window between `begin` and `end`."""
    size = FIRST_WINDOW_FRAMES
    while begin < end:
        # A short rest is cheaper with the window before it than alone.
        stop = end if end - begin < size + FIRST_WINDOW_FRAMES else begin + size
        yield begin, stop
        begin, size = stop, min(size * WINDOW_GROWTH, MAX_WINDOW_FRAMES)


def _padded(tokens: Sequence[int]) -> Array:
    """Return `tokens` as an input, with the padding id 0 at both ends."""
    return np.array([[0, *tokens, 0]], dtype=np.int64)
