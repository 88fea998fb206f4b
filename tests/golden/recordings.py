"""Records the sound and the readings of the current revisions.

Run `python -m tests.golden.recordings` after you changed the sound or a reading and raised the revision.
"""

from __future__ import annotations

import asyncio
import csv
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from tests.helpers.text.pipelines import open_text_pipeline
from wyoming_kokoro.cli.say import synthesize
from wyoming_kokoro.config import Config, Directories, VoiceConfig
from wyoming_kokoro.model.fingerprint import SOUND_REVISION
from wyoming_kokoro.text.pronunciation import PRONUNCIATION_REVISION
from wyoming_kokoro.types import SAMPLE_RATE, Pcm

FOLDER = Path(__file__).parent
SOUND = FOLDER / f"sound_{SOUND_REVISION}.flac"
READINGS = FOLDER / f"readings_{PRONUNCIATION_REVISION}.tsv"
SENTENCE = "The front door is unlocked."
TEXTS = {
    "en-US": (
        "It is 21.5 °C in the living room, and the humidity is 47 %.",
        "Timer set for 1 hour, 5 minutes and 30 seconds named pizza.",
        "The alarm rings at 6:31 PM on January 3rd, 2026.",
        "**Dr. Smith** called: see https://example.com for 3/4 of the $12.50 bill.",
        "Washer done! ETA 5-10 min 😀",
    ),
    "en-GB": ("The lorry leaves at half past 7.30 pm with 3 kg of aluminium.",),
    "es": ("La temperatura del salón es de 21,3 °C y son las 18:30.",),
    "fr-FR": ("Il fait 21,5 °C dans le salon et il est 18 h 30.",),
    "hi": ("बैठक का तापमान 21 °C है।",),
    "it": ("La temperatura del soggiorno è 21,3 °C, sono le 18:30.",),
    "ja": ("リビングの温度は21.3℃です。東京は晴れです。",),
    "pt-BR": ("A temperatura da sala é 21,3 °C e são 18h30.",),
    "zh-CN": ("客厅的温度是21.3℃，湿度是47%。",),
}


def golden_config(cache: Path, state: Path) -> Config:
    """Return a configuration with the same sound and readings on every machine: float, no cache."""
    disabled = ("zeroconf", "dashboard", "openai", "phrase_cache", "warmup", "openvino")
    plugins: dict[str, dict[str, object]] = {name: {"enabled": False} for name in disabled}
    plugins["cpu"] = {"precision": "float"}
    directories = Directories(str(cache), str(state))
    return Config(directories=directories, plugins=plugins, voice=VoiceConfig(quality="full"))


async def record(config: Config) -> Pcm:
    """Return `SENTENCE` in the default voice."""
    pcm, _ = await synthesize(config, SENTENCE)
    return np.frombuffer(pcm, np.int16)


async def read(config: Config) -> list[tuple[str, str, str]]:
    """Return the language, the text and the phonemes of each text."""
    pipeline = await asyncio.to_thread(open_text_pipeline, config)
    try:
        return [
            (language, text, await pipeline.phonemize(text, language))
            for language, texts in TEXTS.items()
            for text in texts
        ]
    finally:
        await pipeline.close()


def recorded_readings() -> list[tuple[str, str, str]]:
    """Return the readings of the last revision."""
    with READINGS.open(encoding="utf-8", newline="") as file:
        return [
            (language, text, phonemes)
            for language, text, phonemes in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


async def main() -> None:
    """Write the recording and the readings of the current revisions."""
    with tempfile.TemporaryDirectory() as folder:
        config = golden_config(Path(folder, "cache"), Path(folder, "state"))
        soundfile.write(SOUND, await record(config), SAMPLE_RATE)
        READINGS.write_text("".join("\t".join(row) + "\n" for row in await read(config)), "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
