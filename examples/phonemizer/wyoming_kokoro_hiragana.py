"""Read hiragana: an example of a phonemizer."""

from __future__ import annotations

import re

from wyoming_kokoro import Phonemizer, PluginContext, hookimpl

ROWS = {
    "あいうえお": "a i ɯ e o",
    "かきくけこ": "ka kʲi kɯ ke ko",
    "がぎぐげご": "ɡa ɡʲi ɡɯ ɡe ɡo",
    "さしすせそ": "sa ɕi sɨ se so",
    "ざじずぜぞ": "ʣa ʥi zɨ ʣe ʣo",
    "たちつてと": "ta ʨi ʦɨ te to",
    "だぢづでど": "da ʥi zɨ de do",
    "なにぬねの": "na ɲi nɯ ne no",
    "はひふへほ": "ha çi ɸɯ he ho",
    "ばびぶべぼ": "ba bʲi bɯ be bo",
    "ぱぴぷぺぽ": "pa pʲi pɯ pe po",
    "まみむめも": "ma mʲi mɯ me mo",
    "らりるれろ": "ɾa ɾʲi ɾɯ ɾe ɾo",
    "やゆよわを": "ja jɯ jo βa o",
    "んっ": "ɴ ʔ",
}
PHONEMES = {kana: sound for row, sounds in ROWS.items() for kana, sound in zip(row, sounds.split(), strict=True)}


class HiraganaPhonemizer:
    """Turns hiragana into the symbols of Kokoro, character by character."""

    # Words in Latin letters are read as English.
    foreign = re.compile(r"[A-Za-z]+")

    def phonemize(self, text: str) -> str:
        """Return the phonemes. The server drops what is not in the model's vocabulary, such as kanji."""
        return "".join(PHONEMES.get(character, character) for character in text)


class HiraganaPlugin:
    """Provides a phonemizer for Japanese."""

    def __init__(self, context: PluginContext) -> None:
        self._log = context.log

    @hookimpl
    def kokoro_phonemizer(self, language: str) -> Phonemizer | None:
        """Return the phonemizer for Japanese. It replaces the built-in one."""
        return HiraganaPhonemizer() if language == "ja" else None
