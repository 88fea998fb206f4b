"""English by misaki's own dictionary: without it, which `pip install -e '.[misaki]'` brings, they are skipped."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_kokoro import PluginUnavailable, TextFilter
from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro.text.embedded_ipa import SPAN, extract_ipa
from wyoming_kokoro_espeak import Espeak
from wyoming_kokoro_misaki import Misaki
from wyoming_kokoro_misaki.accents import ACCENTS
from wyoming_kokoro_misaki.espeak import in_misakis_symbols
from wyoming_kokoro_misaki.uses import use


@pytest.fixture(scope="module")
def filters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TextFilter]:
    if not importlib.util.find_spec("misaki"):
        pytest.skip("needs pip install -e '.[misaki]', on Python 3.12 or older")
    plugin = Misaki(plugin_context("misaki", tmp_path_factory.mktemp("misaki")))
    return {language: item for item in plugin.kokoro_text_filters() for language in item.languages}


def shown(text: str) -> str:
    return SPAN.sub(lambda match: extract_ipa(match[0]), text)


AMERICAN = [
    ("Turned on the kitchen lights.", "tˈɜɹnd ˌɔn ðə kˈɪʧᵊn lˈIts."),
    ("the office, the lamp", "ði ˈɔfəs, ðə lˈæmp"),
    ("to 8 lamps, to 45, to open it, go to", "tʊ 8 lˈæmps, tə 45, tʊ ˈOpᵊn ɪt, ɡˌO tu"),
    ("A lamp", "ɐ lˈæmp"),
    ("Vitamin A is", "vˈITəmən ˈA ɪz"),
    ("I am.", "ˌI æm."),
    ("Please record the record.", "plˈiz ɹəkˈɔɹd ðə ɹˈɛkəɹd."),
    ("Close the blinds, we are close to it", "klˈOz ðə blˈIndz, wi ɑɹ klˈOs tʊ ɪt"),
    ("I have read it", "ˌI hæv ɹˈɛd ɪt"),
    ("I used to use it, it is used to heat", "ˌI jˈust tə jˈuz ɪt, ɪt ɪz jˈuzd tə hˈit"),
    ("The kitchen's dehumidifier", "ðə kˈɪʧᵊnz dˌihjumˈɪdəfˌIəɹ"),
    ("the kitchen’s", "ðə kˈɪʧᵊnz"),
    ("notified dimming dimmed", "nˈOTəfˌId dˈɪmɪŋ dˈɪmd"),
    ("an LED and NASA", "ɐn ˌɛlˌidˈi ænd nˈæsə"),
    ("WATER LEAK", "wˈɔTəɹ lˈik"),
    ("a button", "ɐ bˈʌtn"),
]


@pytest.mark.parametrize(("text", "said"), AMERICAN)
def test_american(filters: dict[str, TextFilter], text: str, said: str) -> None:
    """Words are said as the dictionary has them, by their place in the sentence."""
    assert shown(filters["en-US"].apply(text)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Turned on the kitchen lights.", "tˈɜːnd ˌɒn ðə kˈɪʧɪn lˈIts."),
        ("I used to go", "ˌI jˈuːst tə ɡˌQ"),
        ("rescheduled", "ɹˌiːʃˈɛdjuːld"),
    ],
)
def test_british(filters: dict[str, TextFilter], text: str, said: str) -> None:
    """The British dictionary is for British voices."""
    assert shown(filters["en-GB"].apply(text)) == said


@pytest.mark.parametrize(
    "text", ["Zigbee", "hectopascals", "café's", "5G", "U2", "x@y", "a.b_c", "", " ", "?!", "21.5"]
)
def test_what_is_unknown_is_left_to_the_phonemizer(filters: dict[str, TextFilter], text: str) -> None:
    """Unknown words, numbers and what has digits in it stay as they are."""
    left = filters["en-US"].apply(text)
    assert [character for character in shown(left) if character.isdigit()] == [c for c in text if c.isdigit()]
    assert text not in ("Zigbee", "hectopascals", "café's", "5G", "U2", "21.5") or left == text


@pytest.mark.parametrize("language", ACCENTS)
def test_the_whole_dictionary_is_in_the_vocabulary(filters: dict[str, TextFilter], language: str) -> None:
    """No symbol of the dictionary is dropped on the way to the model."""
    reader = filters[language].apply.__self__  # type: ignore[attr-defined]
    dictionary = reader._dictionary
    symbols: set[str] = set()
    for table in (dictionary._gold, dictionary._silver):
        for entry in table.values():
            symbols.update(*([entry] if isinstance(entry, str) else filter(None, entry.values())))
    assert symbols <= set(VOCABULARY)


@pytest.mark.parametrize(
    ("before", "after", "pause", "tag"),
    [
        ("the", "is", False, "NOUN"),
        ("please", "the", False, "VERB"),
        ("", "the", False, "VERB"),
        ("has", "it", False, "VBN"),
        ("lamp", "", True, "None"),
        ("lamp", "now", False, "DEFAULT"),
    ],
)
def test_uses(before: str, after: str, pause: bool, tag: str) -> None:
    """The neighbours tell what a word probably is."""
    assert use(before, after, pause) == tag


@pytest.mark.parametrize(
    ("language", "stem", "s", "ed", "ing"),
    [
        ("en-US", "wˈAt", "wˈAts", "wˈAɾᵻd", "wˈAɾɪŋ"),
        ("en-US", "ɹˈʌʃ", "ɹˈʌʃᵻz", "ɹˈʌʃt", "ɹˈʌʃɪŋ"),
        ("en-US", "ˈæd", "ˈædz", "ˈædᵻd", "ˈædɪŋ"),
        ("en-GB", "wˈAt", "wˈAts", "wˈAtɪd", "wˈAtɪŋ"),
        ("en-GB", "stˈɔː", "stˈɔːz", "stˈɔːd", "stˈɔːɹɪŋ"),
    ],
)
def test_endings(language: str, stem: str, s: str, ed: str, ing: str) -> None:
    """Endings are joined as the accent has them."""
    accent = ACCENTS[language]
    assert (accent.with_s(stem), accent.with_ed(stem), accent.with_ing(stem)) == (s, ed, ing)


@pytest.mark.parametrize(
    ("text", "american", "british"),
    [
        ("Hello, world!", "həlˈO, wˈɜɹld!", "həlˈQ, wˈɜːld!"),
        ("Is it there? near the judge…", "ɪz ɪt ðˈɛɹ? nˌɪɹ ðə ʤˈʌʤ…", "ɪz ɪt ðˈɛː? nˌɪə ðə ʤˈʌʤ…"),
        ("“Now!” (my boy)", "“nˈW!” (mI bˈY)", "“nˈW!” (mI bˈY)"),
        ("five players", "fˈIv plˈAəɹz", "fˈIv plˈAəz"),
        ("button, bottle", "bˈʌtn, bˈɑTᵊl", "bˈʌtən, bˈɒtᵊl"),
        ("better water", "bˈɛTəɹ wˈɔTəɹ", "bˈɛtə wˈɔːtə"),
        ("nurse, turning", "nˈɜɹs, tˈɜɹnɪŋ", "nˈɜːs, tˈɜːnɪŋ"),
        ("chair", "ʧˈɛɹ", "ʧˈɛː"),
        ("I think I'm in", "ˌI θˈɪŋk ˌIm ˈɪn", "ˌI θˈɪŋk ˌIm ˈɪn"),
        ("guitarist", "ɡɪtˈɑɹɪst", "ɡɪtˈɑːɹɪst"),
    ],
)
def test_espeak_in_the_dictionarys_symbols(tmp_path: Path, text: str, american: str, british: str) -> None:
    """Diphthongs and affricates are one symbol, and American has no length: as Kokoro's English voices learned it."""
    espeak = Espeak(plugin_context("espeak", tmp_path))
    for language, said in (("en-US", american), ("en-GB", british)):
        phonemizer = espeak.kokoro_phonemizer(language)
        assert phonemizer
        assert in_misakis_symbols(language, phonemizer.phonemize(text)) == said


@pytest.mark.parametrize("language", ACCENTS)
def test_no_sound_of_english_is_left_in_other_symbols(tmp_path: Path, language: str) -> None:
    """All symbols are the model's, and none is of espeak's that has another one in English."""
    text = "Quick brown fox over the lazy dog; choir, hour, cure, naïve, uranium, Björn's loch, genres, thirty, café."
    phonemizer = Espeak(plugin_context("espeak", tmp_path)).kokoro_phonemizer(language)
    assert phonemizer
    phonemes = in_misakis_symbols(language, phonemizer.phonemize(text))
    assert set(phonemes) <= set(VOCABULARY)
    assert not set(phonemes) & set("oeɚɐrx")


def test_without_misaki_the_plugin_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is no fault, and the message is a command."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[misaki\]'"):
        Misaki(plugin_context("misaki", tmp_path))


def test_the_dictionary_alone_is_used(filters: dict[str, TextFilter], tmp_path: Path) -> None:
    """misaki's code, which wants spaCy, is never imported."""
    code = (
        "import sys; from pathlib import Path; from wyoming_kokoro.testing import plugin_context;"
        " from wyoming_kokoro_misaki import Misaki; plugin = Misaki(plugin_context('misaki', Path(sys.argv[1])));"
        " assert next(iter(plugin.kokoro_text_filters())).apply('lamp') != 'lamp';"
        " assert 'misaki' not in sys.modules and 'spacy' not in sys.modules"
    )
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
