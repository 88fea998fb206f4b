"""Make wyoming_kokoro/data/material/LANGUAGE.txt: the phonemes of the sentences in tools/data/material, one per line.

    python -m tools.data.make_material [LANGUAGE ...]

Without arguments, all nine languages are made. Japanese and Chinese need `pip install 'misaki[ja,zh]'`. Japanese also
needs a dictionary: install unidic-lite, because the package unidic of misaki[ja] contains none.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import wyoming_kokoro
from wyoming_kokoro import Phonemizer
from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro_espeak import VOICES, EspeakPlugin

MIN_PHONEMES, MAX_PHONEMES = 2, 200
SENTENCES = Path(__file__).parent / "material"
TARGET = Path(wyoming_kokoro.__file__).parent / "data" / "material"
MISAKI = MappingProxyType({"ja": ("misaki.ja", "JAG2P"), "zh-CN": ("misaki.zh", "ZHG2P")})
LANGUAGES = (*VOICES, *MISAKI)


class MisakiPhonemizer:
    """The phonemes that Kokoro was trained with, for Japanese or Chinese."""

    def __init__(self, language: str) -> None:
        """Exits the program if misaki is not installed."""
        module, name = MISAKI[language]
        try:
            self._g2p = getattr(import_module(module), name)()
        except ImportError as error:
            sys.exit(f"misaki is not installed ({error}): pip install 'misaki[ja,zh]' unidic-lite")

    def phonemize(self, text: str) -> str:
        """Return the phonemes of `text`."""
        return str(self._g2p(text)[0])


def main() -> None:
    """Write the phonemes of the chosen languages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=f"default: {', '.join(LANGUAGES)}")
    options = parser.parse_args()
    if unknown := sorted(set(options.languages).difference(LANGUAGES)):
        parser.error(f"no sentences for {', '.join(unknown)}; choose from {', '.join(LANGUAGES)}")
    for language in options.languages or LANGUAGES:
        lines = asyncio.run(phonemize_sentences(language))
        (TARGET / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        lengths = sorted(map(len, lines))
        print(f"{language}: {len(lines)} lines of {lengths[0]} to {lengths[-1]} phonemes")


async def phonemize_sentences(language: str) -> list[str]:
    """Return the phonemes of every sentence without duplicates. Exits the program if a line is unusable."""
    primary = language.split("-", 1)[0]
    sentences = (SENTENCES / f"{primary}.txt").read_text(encoding="utf-8").splitlines()
    with open_phonemizer(language) as phonemizer:
        pipeline = TextPipeline([], {language: phonemizer}, NullPhraseCache(), "")
        lines = [await pipeline.phonemize(sentence, language) for sentence in sentences]
        await pipeline.close()
    for sentence, line in zip(sentences, lines, strict=True):
        check_line(sentence, line)
    return list(dict.fromkeys(lines))


@contextmanager
def open_phonemizer(language: str) -> Iterator[Phonemizer]:
    """Open the phonemizer of `language`."""
    if language in MISAKI:
        yield MisakiPhonemizer(language)
        return
    with tempfile.TemporaryDirectory() as folder:
        phonemizer = EspeakPlugin(plugin_context("espeak", Path(folder))).kokoro_phonemizer(language)
        assert phonemizer is not None
        yield phonemizer


def check_line(sentence: str, line: str) -> None:
    """Exit the program if `line` is too short, too long, or has symbols that the model does not know."""
    unknown = set(line).difference(VOCABULARY)
    if unknown or not MIN_PHONEMES <= len(line) <= MAX_PHONEMES:
        sys.exit(f"{len(line)} phonemes, unknown symbols {sorted(unknown)} in {line!r}: change “{sentence}”")


if __name__ == "__main__":
    main()
