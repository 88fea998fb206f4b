"""Make wyoming_kokoro/data/material/<language>.txt, the phonemes of the sentences in tools/data/material, one a line.

    python -m tools.data.make_material [LANGUAGE ...]

Without a language, all nine. Japanese and Chinese need the package misaki[ja,zh]. Japanese also needs a
dictionary: unidic-lite will do, in place of the empty package unidic that misaki[ja] brings.
"""

from __future__ import annotations

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
from wyoming_kokoro.keeping import Nowhere
from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.text.phonemes import TextPipeline
from wyoming_kokoro_espeak import VOICES, Espeak

SHORTEST, LONGEST = 2, 200
TEXTS = Path(__file__).parent / "material"
FOLDER = Path(wyoming_kokoro.__file__).parent / "data" / "material"
MISAKI = MappingProxyType({"ja": ("misaki.ja", "JAG2P"), "zh-CN": ("misaki.zh", "ZHG2P")})
LANGUAGES = (*VOICES, *MISAKI)


class Misaki:
    """The phonemes that Kokoro was trained on, for Japanese or Chinese."""

    def __init__(self, language: str) -> None:
        """Ends the program when misaki is absent."""
        module, name = MISAKI[language]
        try:
            self._g2p = getattr(import_module(module), name)()
        except ImportError as error:
            sys.exit(f"no misaki ({error}); pip install 'misaki[ja,zh]' unidic-lite, or name other languages")

    def phonemize(self, text: str) -> str:
        """Return misaki's phonemes, whatever else it tells."""
        return str(self._g2p(text)[0])


def main() -> None:
    """Write the phonemes of the languages that were named."""
    languages = sys.argv[1:] or LANGUAGES
    unknown = sorted(set(languages).difference(LANGUAGES))
    if unknown:
        sys.exit(f"no sentences in {', '.join(unknown)}; there are some in {', '.join(LANGUAGES)}")
    for language in languages:
        lines = asyncio.run(material(language))
        (FOLDER / f"{language}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        lengths = sorted(map(len, lines))
        print(f"{language}: {len(lines)} lines of {lengths[0]} to {lengths[-1]} phonemes")


async def material(language: str) -> list[str]:
    """Return the phonemes of every sentence of `language`, each once; ends the program on a bad line."""
    primary = language.split("-", 1)[0]
    sentences = (TEXTS / f"{primary}.txt").read_text(encoding="utf-8").splitlines()
    with phonemizer(language) as found:
        text = TextPipeline([], {language: found}, Nowhere(), "")
        lines = [await text.phonemes(sentence, language) for sentence in sentences]
        await text.close()
    for sentence, line in zip(sentences, lines, strict=True):
        refuse_unusable(sentence, line)
    return list(dict.fromkeys(lines))


@contextmanager
def phonemizer(language: str) -> Iterator[Phonemizer]:
    """Open the phonemizer of `language`."""
    if language in MISAKI:
        yield Misaki(language)
        return
    with tempfile.TemporaryDirectory() as folder:
        found = Espeak(plugin_context("espeak", Path(folder))).kokoro_phonemizer(language)
        assert found is not None
        yield found


def refuse_unusable(sentence: str, line: str) -> None:
    """End the program when `line` is too short or too long, or has a symbol that the model lacks."""
    strange = set(line).difference(VOCABULARY)
    if strange or not SHORTEST <= len(line) <= LONGEST:
        sys.exit(f"{len(line)} phonemes, unknown {sorted(strange)} in {line!r}: change “{sentence}”")


if __name__ == "__main__":
    main()
