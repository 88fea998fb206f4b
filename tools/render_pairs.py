"""Speak sentences as the server does, and whole with their own statistics: `... OUT`.

Writes OUT/streamed/NAME.wav and OUT/whole/NAME.wav, the same stretch of the same prosody, each beside NAME.txt with
what it says: pairs from which a log-spectral distance, an opinion score and a word error rate can be measured.
"""

from __future__ import annotations

import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

from wyoming_kokoro.backend import find_files
from wyoming_kokoro.config import Config
from wyoming_kokoro.model.assets import sha256_of
from wyoming_kokoro.model.preparation import prepared
from wyoming_kokoro.model.recipe import Recipe
from wyoming_kokoro.model.shipped import known_statistics
from wyoming_kokoro.model.spectrum import Inverse
from wyoming_kokoro.model.vocabulary import known
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.processors import processors
from wyoming_kokoro.speech.pcm import to_pcm
from wyoming_kokoro.speech.silence import spoken
from wyoming_kokoro.speech.stages import Stages
from wyoming_kokoro.speech.vocoder import FRAME_SAMPLES
from wyoming_kokoro.types import SAMPLE_RATE, Samples, SessionOptions

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


def main() -> None:
    """Render every sentence with every voice, both ways."""
    out = Path(sys.argv[1])
    config = Config()
    plugins = Plugins.load(config)
    files, styles = find_files(config, plugins)
    cache = Path(tempfile.gettempdir()) / "render-pairs"
    folder = prepared(files.model, sha256_of(files.model), Recipe.current().digest, cache)
    stages = Stages(folder, plugins.providers(), SessionOptions(processors(), cache))
    statistics = known_statistics(styles)
    for voice in VOICES:
        phonemizer = plugins.phonemizer("en-GB" if voice.startswith("b") else "en-US")
        assert phonemizer
        for number, sentence in enumerate(SENTENCES):
            phonemes = known(phonemizer.phonemize(sentence))
            prosody = stages.prosody(phonemes, styles.row(voice, len(phonemes)), 1.0)
            frames = stages.frames(prosody)
            begin, end = spoken(prosody.energy[0])
            whole = Inverse().feed(stages.whole(prosody, frames)[0])[begin * FRAME_SAMPLES : end * FRAME_SAMPLES]
            predicted = statistics.predict(voice, stages.features(prosody, frames))
            decoding = stages.decoding(prosody, predicted, begin)
            reach = end + stages.lag
            frames = np.pad(frames, ((0, 0), (0, stages.lag)), mode="edge")[:, :reach]
            steps = range(begin, reach, WINDOW)
            streamed = np.concatenate([decoding.feed(frames[:, first : first + WINDOW]) for first in steps])
            name = f"{voice}-{number:02d}"
            write(out / "streamed", name, sentence, streamed[: len(whole)])
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
