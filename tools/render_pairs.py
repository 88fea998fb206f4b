"""Speak sentences as the server does, and whole with their own statistics: `... OUT`.

Writes OUT/streamed/NAME.wav and OUT/whole/NAME.wav, the same stretch of the same prosody, each beside NAME.txt with
what it says: pairs from which a log-spectral distance, an opinion score and a word error rate can be measured.
"""

from __future__ import annotations

import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wyoming_kokoro.api.providers import SessionOptions
from wyoming_kokoro.backend import find_files
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.inference.pipeline import ModelPipeline, Prosody
from wyoming_kokoro.inference.vocoder import FRAME_SAMPLES
from wyoming_kokoro.model.builtin import builtin_statistics
from wyoming_kokoro.model.fingerprint import Recipe
from wyoming_kokoro.model.istft import InverseStft
from wyoming_kokoro.model.statistics import Statistics
from wyoming_kokoro.model.styles import Styles
from wyoming_kokoro.model.vocabulary import keep_known_symbols
from wyoming_kokoro.pcm import to_pcm
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.synthesis.silence import speech_bounds
from wyoming_kokoro.types import SAMPLE_RATE, Samples

VOICES = ("af_heart", "am_michael", "bf_emma")
WINDOW = 16
SENTENCES = (
    "Yes.",
    "No problem.",
    "Lamp off.",
    "Good night.",
    "It is raining.",
    "Alarm set.",
    "Try again.",
    "Welcome home!",
    "The washing machine has finished.",
    "Your package was left by the back door.",
    "Shall I lock the garage?",
    "There are seven items on your list.",
    "The oven has reached two hundred degrees.",
    "Somebody is at the front gate.",
    "I turned the music down a little.",
    "Your train leaves in twelve minutes.",
    "The battery of the hallway sensor is low.",
    "Dinner is ready, please come to the kitchen.",
    "Tomorrow will be cloudy, with some rain in the afternoon.",
    "I could not find a device called bathroom heater.",
    "The average temperature in the bedroom was nineteen degrees last night.",
    "Reminder: take the blue recycling bin out before eight o'clock.",
    "Playing your favourite jazz station in the living room and the study.",
    "The dishwasher is done, but the dryer still needs about half an hour.",
    "Water was detected under the kitchen sink, so I have closed the main valve.",
    "According to the calendar, you have a dentist appointment on Thursday at a quarter past nine.",
    "The vacuum is stuck under the sofa; please free it, then press the start button.",
    "Solar panels produced fourteen kilowatt hours today, which is more than the whole house needed.",
    "Once upon a time, a small fox lived at the edge of a forest, where the snow never melted.",
    "Mix the flour with the butter, add a pinch of salt, and let the dough rest for twenty minutes.",
)


@dataclass(frozen=True, slots=True)
class Renderer:
    """The model's stages, and what they need to speak."""

    stages: ModelPipeline
    styles: Styles
    statistics: Statistics

    @classmethod
    def open(cls, config: Config, plugins: PluginManager) -> Renderer:
        """Open the configured model."""
        files, styles = find_files(config, plugins)
        cache = Path(tempfile.gettempdir()) / "render-pairs"
        folder = prepare_stages(files.model, sha256_of(files.model), Recipe.current().digest, cache)
        stages = ModelPipeline(folder, plugins.providers(), SessionOptions(default_threads(), cache))
        return cls(stages, styles, builtin_statistics(styles))

    def pair(self, phonemes: str, voice: str) -> tuple[Samples, Samples]:
        """Return phonemes as they are streamed, and whole with their own statistics."""
        prosody = self._prosody(phonemes, voice)
        begin, end = speech_bounds(prosody.energy[0])
        whole = InverseStft().feed(self.stages.decode_whole(prosody, self.stages.decode_frames(prosody))[0])
        return self._streamed(prosody, voice), whole[begin * FRAME_SAMPLES : end * FRAME_SAMPLES]

    def streamed(self, phonemes: str, voice: str) -> Samples:
        """Return phonemes as they are streamed."""
        return self._streamed(self._prosody(phonemes, voice), voice)

    def _prosody(self, phonemes: str, voice: str) -> Prosody:
        return self.stages.predict_prosody(phonemes, self.styles.row(voice, len(phonemes)), 1.0)

    def _streamed(self, prosody: Prosody, voice: str) -> Samples:
        frames = self.stages.decode_frames(prosody)
        begin, end = speech_bounds(prosody.energy[0])
        predicted = self.statistics.predict(voice, self.stages.features(prosody, frames))
        decoding = self.stages.start_vocoder(prosody, predicted, begin)
        reach = end + self.stages.lag
        frames = np.pad(frames, ((0, 0), (0, self.stages.lag)), mode="edge")[:, :reach]
        steps = range(begin, reach, WINDOW)
        samples = np.concatenate([decoding.feed(frames[:, first : first + WINDOW]) for first in steps])
        return samples[: (end - begin) * FRAME_SAMPLES]


def main() -> None:
    """Render every sentence with every voice, both ways."""
    out = Path(sys.argv[1])
    config = Config()
    plugins = PluginManager.load(config)
    renderer = Renderer.open(config, plugins)
    for voice in VOICES:
        phonemizer = plugins.phonemizer("en-GB" if voice.startswith("b") else "en-US")
        assert phonemizer
        for number, sentence in enumerate(SENTENCES):
            streamed, whole = renderer.pair(keep_known_symbols(phonemizer.phonemize(sentence)), voice)
            name = f"{voice}-{number:02d}"
            write(out / "streamed", name, sentence, streamed)
            write(out / "whole", name, sentence, whole)


def write(folder: Path, name: str, sentence: str, samples: Samples) -> None:
    """Write one rendition."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(sentence)
    with wave.open(str(folder / f"{name}.wav"), "wb") as wav:
        wav.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        wav.writeframes(to_pcm(samples).tobytes())


if __name__ == "__main__":
    main()
