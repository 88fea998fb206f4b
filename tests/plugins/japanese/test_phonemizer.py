"""Japanese phonemes, by the real Open JTalk: without it, which `pip install -e '.[ja]'` brings, they are skipped."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from wyoming_kokoro import Phonemizer, PluginUnavailable
from wyoming_kokoro.model.vocabulary import SOUNDS, VOCABULARY
from wyoming_kokoro.testing import plugin_context
from wyoming_kokoro_japanese import JapanesePlugin
from wyoming_kokoro_japanese.kana import kana_to_symbols


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> Phonemizer:
    pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    phonemizer = JapanesePlugin(plugin_context("japanese", tmp_path_factory.mktemp("ja"))).kokoro_phonemizer("ja")
    assert phonemizer is not None
    return phonemizer


@pytest.mark.parametrize(
    ("kana", "said"),
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
def test_kana(kana: str, said: str) -> None:
    """Moras of two kana are one; the nasal takes the place of what follows."""
    assert kana_to_symbols(kana) == said


def test_all_kana_are_in_the_vocabulary() -> None:
    """Nothing that a reading may have is dropped on the way to the model."""
    katakana = {chr(code) for code in range(0x30A1, 0x30F5)}
    for kana in katakana:
        assert kana_to_symbols(kana), kana
        assert set(kana_to_symbols(f"ア{kana}")) <= set(VOCABULARY)


def test_kana_are_as_misaki_has_them() -> None:
    """The symbols are those that the model was trained on."""
    pytest.importorskip("fugashi", reason="misaki's Japanese needs fugashi, jaconv, mojimoji and misaki")
    cutlet = pytest.importorskip("misaki.cutlet")
    for hiragana, said in cutlet.HEPBURN.items():
        katakana = "".join(chr(ord(kana) + 0x60) for kana in hiragana)
        if "ァ" <= katakana[0] <= "ヶ":
            assert kana_to_symbols(katakana) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("今日は21.5℃です.", "kʲoː βa ɲi ʥɨː iʔteɴ ɡo do desɨ."),
        ("湿度は45%, 電気を消しました!", "ɕiʦɨdo βa joɴ ʥɨː ɡo paːsento, deŋkʲi o keɕi maɕi ta!"),
        ("東京へ行った?", "toːkʲoː e iʔta?"),
        ("5分", "ɡo ɸɯɴ"),
        ("-5度", "mainasɨ ɡo do"),
        ("18〜21℃", "ʥɨː haʨi kaɾa ɲi ʥɨː iʨi do"),
        ("12:05", "ʥɨː ɲi ʥi ɡo ɸɯɴ"),
        ("9:00に", "kɯ ʥi ɲi"),
        ("1,234円", "seɴ ɲi çakɯ saɴ ʥɨː jo eɴ"),
        ("2026-01-03", "ɲi seɴ ɲi ʥɨː ɾokɯ neɴ iʨiɡaʦɨ mʲiʔka"),
        ("", ""),
        ("🎉", ""),
        ("?!", "?!"),
    ],
)
def test_text(japanese: Phonemizer, text: str, said: str) -> None:
    """Numbers and units are read, particles as they sound, and punctuation is kept."""
    assert japanese.phonemize(text) == said


@pytest.mark.parametrize(
    "text", ["LEDとUSB", "電力は3.2kWです", "Home Assistantの電気", "a/b^c|d", "ｱｲｳ　１２", "你好"]
)
def test_mixed_text_is_said(japanese: Phonemizer, text: str) -> None:
    """Whatever stands in a text, there are phonemes of the vocabulary."""
    said = japanese.phonemize(text)
    assert set(said) & SOUNDS
    assert set(said) <= set(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Home Assistantのライト", "Home Assistant"),
        ("今日のKokoro's声", "Kokoro's"),
        ("3.2kWhとLED", None),
        ("5kmと10cm", None),
        ("電気", None),
    ],
)
def test_latin_words_are_foreign_and_units_are_not(japanese: Phonemizer, text: str, foreign: str | None) -> None:
    """Words are said in English; units and abbreviations are read in Japanese."""
    match = japanese.foreign.search(text)  # type: ignore[attr-defined]
    assert (match and match[0]) == foreign


def test_another_language_is_left_to_others(tmp_path: Path) -> None:
    """Only Japanese is ours."""
    pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    assert JapanesePlugin(plugin_context("japanese", tmp_path)).kokoro_phonemizer("zh-CN") is None


def test_without_open_jtalk_the_plugin_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is no fault, and the message is a command."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PluginUnavailable, match=r"pip install 'wyoming-kokoro\[ja\]'"):
        JapanesePlugin(plugin_context("japanese", tmp_path))


def test_an_open_jtalk_that_would_download_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of the same name without a dictionary fetches one when it is first used: not with us."""
    spec = ModuleSpec("pyopenjtalk", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(PluginUnavailable, match="pip uninstall pyopenjtalk"):
        JapanesePlugin(plugin_context("japanese", tmp_path))


def test_nothing_is_fetched_and_nothing_is_imported_early(tmp_path: Path) -> None:
    """The dictionary is opened with the first text, and no socket is ever opened."""
    pytest.importorskip("pyopenjtalk", reason="needs pip install -e '.[ja]'")
    code = (
        "import sys; sys.addaudithook(lambda event, _: event.startswith('socket.') and sys.exit(event));"
        " from pathlib import Path; from wyoming_kokoro.testing import plugin_context;"
        " from wyoming_kokoro_japanese import JapanesePlugin;"
        " phonemizer = JapanesePlugin(plugin_context('japanese', Path(sys.argv[1]))).kokoro_phonemizer('ja');"
        " assert 'pyopenjtalk' not in sys.modules; assert phonemizer.phonemize('何が好きですか')"
    )
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
