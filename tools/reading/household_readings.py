"""Compare how the server reads 1,022 household lines with the words that a person would say.

    python -m tools.reading.household_readings [-v] [--deltas] [--set NAME] [--class NAME] [LANGUAGE ...]

Each line of `lines/*.tsv` and `second_lines/*.tsv` has a class, an input, and readings in words, separated by ` | `.
The input and the readings take the path of a request: markup, segments, text filters, phonemizer. A line is right if
the sounds of one reading are those of the input. The lines were written before the program was run on them.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.config import Config, MarkupConfig
from wyoming_kokoro.markup.interpreter import VoiceFinder
from wyoming_kokoro.markup.segmenter import StyledSegment
from wyoming_kokoro.markup.stream import MarkupStream
from wyoming_kokoro.markup.style import Style
from wyoming_kokoro.model.builtin import builtin_styles
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.speech.phrase_cache import NullPhraseCache
from wyoming_kokoro.speech.voice_catalog import VoiceCatalog
from wyoming_kokoro.text.pipeline import TextPipeline
from wyoming_kokoro.text.pronunciation import find_phonemizers, find_readers
from wyoming_kokoro.types import Voice

SETS = {name: Path(__file__).parent / folder for name, folder in (("first", "lines"), ("second", "second_lines"))}
LANGUAGES = {
    "en-us": "en-US",
    "en-gb": "en-GB",
    "es": "es-ES",
    "fr": "fr-FR",
    "it": "it-IT",
    "pt-br": "pt-BR",
    "hi": "hi-IN",
    "ja": "ja-JP",
    "zh": "zh-CN",
}
"""The file of each language, and its BCP-47 code. A voice of another region reads it if there is none of this one."""
# Sounds that dictionaries write in several ways, or that depend only on stress and on neighbors.
VARIANTS = {
    "en": (("ː", ""), ("ᵊ", "ə"), ("ᵻ", "ɪ"), ("T", "t"), ("ɾ", "t")),
    "es": (("ɛ", "e"),),
    "it": (("ɪ", "i"), ("ʊ", "u"), (r"(?<=[aeiouɛɔ])ː", "")),
    "pt": (("[yj]", "i"),),
    "hi": (("ː", ""), ("ʌ", "ə"), ("ɪ", "i"), ("\u0303n(?=c)", "\u0303"), ("ɲ", "n"), ("r", "ɾ")),
    "ja": (("[mnŋɲ](?=[bpdtkɡɾʥʨʦszɕmnŋɲ])", "ɴ"),),
}
SILENT_SIGNS = re.compile(r"[ˈˌ\s.,!?;:—…\"“”()'\-]")


@dataclass(frozen=True, slots=True)
class MisreadLine:
    """A line that is read in another way."""

    kind: str
    text: str
    reading: str
    phonemes: str
    """What the server says."""
    expected: str
    """The phonemes of the first reading."""


class HouseholdReader:
    """Reads texts as the server does with the default settings."""

    def __init__(self) -> None:
        plugins = PluginManager.load(Config())
        voices = published_voices(builtin_styles().names)
        phonemizers = find_phonemizers(voices, plugins)
        self.pipeline = TextPipeline(plugins.text_filters(), find_readers(phonemizers, plugins), NullPhraseCache(), "")
        catalog = VoiceCatalog(voices, tuple(phonemizers), Config())
        self._finder = VoiceFinder(catalog.find_voice, catalog.find_language)
        self._voices = voices

    def _voice(self, language: str) -> Voice:
        primary = language.partition("-")[0]
        return min(
            (voice for voice in self._voices if voice.language.partition("-")[0] == primary),
            key=lambda voice: voice.language != language,
        )

    async def sounds(self, text: str, language: str, *, is_streamed: bool = False) -> str:
        """Return the phonemes of all segments, without stress and punctuation."""
        stream = MarkupStream(Style(self._voice(language)), self._finder, MarkupConfig())
        segments: list[StyledSegment] = []
        for piece in text if is_streamed else [text]:
            stream.feed(piece)
            segments += iter(stream.segmenter.take_sentence, None)
        stream.finish()
        segments += iter(stream.segmenter.take_sentence, None)
        phonemes = [
            await self.pipeline.phonemize(segment.text, segment.style.voice.language)
            for segment in segments
            if segment.text
        ]
        return fold("".join(phonemes), language)


def fold(phonemes: str, language: str) -> str:
    """Return `phonemes` without the differences that no listener would call an error."""
    phonemes = SILENT_SIGNS.sub("", unicodedata.normalize("NFD", phonemes))
    for symbol, folded in VARIANTS.get(language.partition("-")[0], ()):
        phonemes = re.sub(symbol, folded, phonemes)
    return phonemes


async def read_lines(
    reader: HouseholdReader, name: str, folders: Iterable[Path], kind: str | None, *, is_streamed: bool
) -> tuple[Counter[str], Counter[str], list[MisreadLine]]:
    """Return the right lines and all lines of a language by class, and the failures."""
    right, total, failures = Counter[str](), Counter[str](), list[MisreadLine]()
    for line in "".join((folder / f"{name}.tsv").read_text("utf-8") for folder in folders).splitlines():
        line_kind, text, readings = line.split("\t")
        if kind not in (None, line_kind):
            continue
        spoken = await reader.sounds(text.replace("\\n", "\n"), LANGUAGES[name], is_streamed=is_streamed)
        expected = [await reader.sounds(reading, LANGUAGES[name]) for reading in readings.split(" | ")]
        total[line_kind] += 1
        right[line_kind] += spoken in expected
        if spoken not in expected:
            failures.append(MisreadLine(line_kind, text, readings.split(" | ")[0], spoken, expected[0]))
    return right, total, failures


def format_score(name: str, right: Counter[str], total: Counter[str]) -> str:
    """Return the right lines of a language, all and by class."""
    classes = "  ".join(f"{kind} {right[kind]}/{total[kind]}" for kind in total)
    return f"{name}: {right.total()}/{total.total()}  {classes}"


def format_failures(failures: Sequence[MisreadLine]) -> str:
    """Return the failing lines with both phoneme strings."""
    return "\n".join(
        f"  [{item.kind}] {item.text}\n    expected: {item.reading}\n    {item.expected}\n    {item.phonemes}"
        for item in failures
    )


async def compare(options: argparse.Namespace) -> None:
    """Print the score of each language."""
    reader = HouseholdReader()
    all_right = all_total = 0
    for name in options.languages or LANGUAGES:
        folders = [SETS[options.set]] if options.set else SETS.values()
        right, total, failures = await read_lines(reader, name, folders, options.kind, is_streamed=options.deltas)
        all_right, all_total = all_right + right.total(), all_total + total.total()
        print(format_score(name, right, total))
        if options.verbose and failures:
            print(format_failures(failures))
    print(f"all: {all_right}/{all_total}")
    await reader.pipeline.close()


def main() -> None:
    """Parse the options and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-v", "--verbose", action="store_true", help="list the failing lines")
    parser.add_argument("--deltas", action="store_true", help="feed the input letter by letter")
    parser.add_argument("--set", choices=SETS, help="only the lines of this set")
    parser.add_argument("--class", dest="kind", help="only this class")
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help=", ".join(LANGUAGES))
    options = parser.parse_args()
    if unknown := set(options.languages) - set(LANGUAGES):
        parser.error(f"unknown language: {min(unknown)}; choose from {', '.join(LANGUAGES)}")
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(compare(options))


if __name__ == "__main__":
    main()
