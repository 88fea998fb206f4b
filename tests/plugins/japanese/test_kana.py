from __future__ import annotations

import pytest

from wyoming_kokoro.model.vocabulary import VOCABULARY
from wyoming_kokoro_japanese.kana import kana_to_symbols


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("トーキョー", "toːkʲoː"),
        ("ガッコー", "ɡaʔkoː"),
        ("シンブン", "ɕimbɯɴ"),
        ("デンキ", "deŋkʲi"),
        ("コンニチワ", "koɲɲiʨiβa"),
        ("サンド", "sando"),
        ("ホンヤ", "hoɴja"),
        ("ヴァイオリン", "vaioɾʲiɴ"),
        ("ティッシュ", "tʲiʔɕɨ"),
        ("デス’", "desɨ"),
        ("", ""),
        ("ABC", ""),
    ],
)
def test_kana_are_converted_by_mora_and_nasals_assimilate(kana: str, expected: str) -> None:
    assert kana_to_symbols(kana) == expected


def test_every_kana_has_symbols_of_the_vocabulary() -> None:
    for kana in map(chr, range(0x30A1, 0x30F5)):
        assert kana_to_symbols(kana), kana
        assert set(kana_to_symbols(f"ア{kana}")) <= set(VOCABULARY)


def test_symbols_equal_those_of_misaki() -> None:
    pytest.importorskip("fugashi", reason="misaki's Japanese needs fugashi, jaconv, mojimoji and misaki")
    cutlet = pytest.importorskip("misaki.cutlet")
    for hiragana, symbols in cutlet.HEPBURN.items():
        katakana = "".join(chr(ord(kana) + 0x60) for kana in hiragana)
        if "ァ" <= katakana[0] <= "ヶ":
            assert kana_to_symbols(katakana) == symbols
