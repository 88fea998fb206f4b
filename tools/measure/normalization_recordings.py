"""Speak sentences with numbers, units, times and markdown in three ways.

    python -m tools.measure.normalization_recordings OUT [--first N]

normalization_recordings.tsv has each sentence as Home Assistant may send it, and as a person wrote it out. Written are

    OUT/ours      the raw sentence, spoken by wyoming-kokoro
    OUT/by_hand   the sentence written out, spoken by plain kokoro-onnx
    OUT/raw       the raw sentence, spoken by plain kokoro-onnx

as NAME.wav beside NAME.txt with what should be heard, which is the same in all three: a recogniser's word error rate on
`ours` should be that on `by_hand`, and well below that on `raw`. Model, voice and speed are the same.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tools.measure.render_pairs import write
from wyoming_kokoro.backend import find_files, open_backend
from wyoming_kokoro.bench.processes import alone
from wyoming_kokoro.config import Config, load
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.types import Samples

SENTENCES = Path(__file__).with_suffix(".tsv")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in two forms."""

    name: str
    raw: str
    by_hand: str


def main() -> None:
    """Render every sentence in all three ways."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder for the recordings")
    parser.add_argument("--first", type=int, metavar="N", help="only the first N sentences")
    options = parser.parse_args()
    found = sentences()[: options.first]
    config = alone(load(None, os.environ, {}))
    asyncio.run(render_ours(config, found, options.out / "ours"))
    plain = kokoro_onnx(config)
    for item in found:
        write(options.out / "by_hand", item.name, item.by_hand, plain(item.by_hand))
        write(options.out / "raw", item.name, item.by_hand, plain(item.raw))


def sentences() -> list[Sentence]:
    """Return the sentences of the table, named by their numbers."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Sentence(f"{number:03d}", raw, by_hand) for number, (raw, by_hand) in enumerate(rows)]


async def render_ours(config: Config, found: Sequence[Sentence], folder: Path) -> None:
    """Speak the raw sentences on the server's own path. Raises `StartupError` and `SpeechError`."""
    async with open_backend(config, await asyncio.to_thread(Plugins.load, config)) as backend:
        await backend.opening
        for item in found:
            utterance = backend.narrator.utterance()
            utterance.feed(item.raw)
            utterance.finish()
            pcm = b"".join([chunk async for chunk in utterance.pcm()])
            await asyncio.to_thread(write, folder, item.name, item.by_hand, from_pcm(pcm))


def from_pcm(pcm: bytes) -> Samples:
    """Return the samples of s16le PCM."""
    samples: Samples = np.frombuffer(pcm, "<i2") / np.float32(32768)
    return samples


def kokoro_onnx(config: Config) -> Callable[[str], Samples]:
    """Return plain kokoro-onnx on the same model, with the same voice. Raises `StartupError`."""
    import onnxruntime  # noqa: PLC0415 behind our own, which is closed by now
    from kokoro_onnx import Kokoro  # noqa: PLC0415

    files, styles = find_files(config, Plugins.load(config))
    voice = config.voice.name
    session = onnxruntime.InferenceSession(str(files.model), providers=["CPUExecutionProvider"])
    with TemporaryDirectory() as folder:
        voices = Path(folder) / "voices.npz"
        arrays: dict[str, Any] = {voice: styles.all(voice)[:, None]}
        np.savez(voices, **arrays)
        kokoro = Kokoro.from_session(session, str(voices))

    def spoken(text: str) -> Samples:
        samples: Samples = kokoro.create(text, voice, config.voice.speed, "en-us")[0]
        return samples

    return spoken


if __name__ == "__main__":
    main()
