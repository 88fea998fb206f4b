"""Measure what reads texts fastest here: ALBERT in int8 on the processor, or in float and fixed shapes on OpenVINO.

    python tools/compare_readers.py [--rounds N] [--threads N]

Both are given the same texts in turns, of every length that comes to a graph; times are medians.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.compare_providers import contenders
from wyoming_kokoro.api.providers import SessionOptions
from wyoming_kokoro.backend import find_files
from wyoming_kokoro.cli.table import table
from wyoming_kokoro.config import Config
from wyoming_kokoro.cpu import default_threads
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.inference.pipeline import ModelPipeline
from wyoming_kokoro.model.fingerprint import Recipe
from wyoming_kokoro.model.manifest import TOKENS
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.preparation.store import prepare_stages
from wyoming_kokoro.storage import sha256_of
from wyoming_kokoro.trials.targets import baseline
from wyoming_kokoro.trials.trial import AlbertTrial

HEADS = ("tokens at most", "processor, ms", "OpenVINO, ms", "ratio", "likeness, dB")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=default_threads(), metavar="N", help="default: %(default)s")
    options = parser.parse_args()
    try:
        print(table(HEADS, list(rows(options.rounds, options.threads))))
    except KokoroError as error:
        sys.exit(f"compare_readers: {error}")


def rows(rounds: int, threads: int) -> Iterator[list[str]]:
    """Yield a row for each size. Raises `KokoroError`."""
    config = Config()
    files, _ = find_files(config, PluginManager.load(config))
    folder = prepare_stages(files.model, sha256_of(files.model), Recipe.current().digest, config.directories.cache_path)
    with tempfile.TemporaryDirectory() as scratch:
        found = contenders(Path(scratch))
        stages = ModelPipeline(folder, [found["onnxruntime-int8"]], SessionOptions(threads, folder / "compiled"))
        reading = stages.open_split_prosody()
        for size in TOKENS:
            session = stages.open_albert(found["openvino-float"], size, threads)
            trial = AlbertTrial(size, baseline(reading.albert).session, session)
            for _ in range(rounds):
                for _ in trial.units():
                    pass
            session.close()
            before, after = trial.seconds
            yield [
                str(size),
                f"{1000 * before:.1f}",
                f"{1000 * after:.1f}",
                f"{after / before:.2f}",
                f"{trial.snr_db:.0f}",
            ]
        reading.close()
        stages.close()


if __name__ == "__main__":
    main()
