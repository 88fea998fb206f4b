"""Speak sentences with numbers, units, times and markdown, for a word error rate (WER).

    python -m tools.measure.normalization_recordings OUT [--first N]

The table `normalization_recordings.tsv` has each sentence twice: raw, as Home Assistant may send it, and written out by
a person. Three folders of recordings are written:

    OUT/normalized   the raw sentence, spoken by wyoming-kokoro
    OUT/written_out  the sentence that a person wrote out, spoken by plain kokoro-onnx
    OUT/raw          the raw sentence, spoken by plain kokoro-onnx

Each NAME.wav has a NAME.txt with the expected words, which are the same in all three. Model, voice and speed are also
the same. Transcribe the recordings with a speech recognizer: the WER of `normalized` should equal that of
`written_out`, and be far below that of `raw`.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from wyoming_kokoro.backend import open_backend
from wyoming_kokoro.bench.processes import isolate
from wyoming_kokoro.config import Config, load_config
from wyoming_kokoro.model.locate import find_files
from wyoming_kokoro.pcm import to_pcm
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.types import SAMPLE_RATE

SENTENCES = Path(__file__).with_suffix(".tsv")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, raw and written out."""

    name: str
    raw: str
    written_out: str


def main() -> None:
    """Record every sentence in all three ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the recordings")
    parser.add_argument("--first", type=int, metavar="N", help="record only the first N sentences")
    options = parser.parse_args()
    sentences = read_sentences()[: options.first]
    config = isolate(load_config(None, os.environ, {}))
    asyncio.run(record_server(config, sentences, options.out / "normalized"))
    speak = open_kokoro_onnx(config)
    for sentence in sentences:
        write_recording(options.out / "written_out", sentence, speak(sentence.written_out))
        write_recording(options.out / "raw", sentence, speak(sentence.raw))


def read_sentences() -> list[Sentence]:
    """Return the sentences of the table, named by their row numbers."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Sentence(f"{number:03d}", raw, written_out) for number, (raw, written_out) in enumerate(rows)]


async def record_server(config: Config, sentences: Sequence[Sentence], folder: Path) -> None:
    """Speak the raw sentences as the server does. Raises `StartupError` and `SpeechError`."""
    async with open_backend(config, await asyncio.to_thread(PluginManager.load, config)) as backend:
        await backend.open_model()
        for sentence in sentences:
            utterance = backend.tts.utterance()
            utterance.feed(sentence.raw)
            utterance.finish()
            pcm = b"".join([chunk async for chunk in utterance.pcm()])
            await asyncio.to_thread(write_recording, folder, sentence, pcm)


def open_kokoro_onnx(config: Config) -> Callable[[str], bytes]:
    """Return a function that speaks with plain kokoro-onnx, with the same model and voice, as 16-bit PCM.

    Raises `StartupError`.
    """
    # These imports take memory, which the server does not need while it is measured.
    import onnxruntime  # noqa: PLC0415
    from kokoro_onnx import Kokoro  # noqa: PLC0415

    files, styles = find_files(config, PluginManager.load(config))
    voice = config.voice.name
    session = onnxruntime.InferenceSession(str(files.model), providers=["CPUExecutionProvider"])
    with TemporaryDirectory() as folder:
        voices = Path(folder) / "voices.npz"
        arrays: dict[str, Any] = {voice: styles.all(voice)[:, None]}
        np.savez(voices, **arrays)
        kokoro = Kokoro.from_session(session, str(voices))

    def speak(text: str) -> bytes:
        return to_pcm(kokoro.create(text, voice, config.voice.speed, "en-us")[0]).tobytes()

    return speak


def write_recording(folder: Path, sentence: Sentence, pcm: bytes) -> None:
    """Write NAME.wav, and the words that it should contain as NAME.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{sentence.name}.txt").write_text(sentence.written_out, "utf-8")
    with wave.open(str(folder / f"{sentence.name}.wav"), "wb") as wav:
        wav.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        wav.writeframes(pcm)


if __name__ == "__main__":
    main()
