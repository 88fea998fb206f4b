"""Converts pinyin to the symbols on which Kokoro was trained."""

from __future__ import annotations

_INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l", "g": "k", "k": "kʰ", "h": "x",
    "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
_FINALS = {
    "a": "a", "ai": "ai", "an": "a-n", "ang": "a-ŋ", "ao": "au", "e": "ɤ", "ei": "ei", "en": "ə-n", "eng": "ə-ŋ",
    "i": "i", "ia": "ja", "ian": "jɛ-n", "iang": "ja-ŋ", "iao": "jau", "ie": "je", "in": "i-n", "ing": "i-ŋ",
    "iong": "jʊ-ŋ", "iou": "jou", "o": "wo", "ong": "ʊ-ŋ", "ou": "ou",
    "u": "u", "ua": "wa", "uai": "wai", "uan": "wa-n", "uang": "wa-ŋ", "uei": "wei", "uen": "wə-n", "ueng": "wə-ŋ",
    "uo": "wo", "v": "y", "van": "ɥɛ-n", "ve": "ɥe", "vn": "y-n",
}  # fmt: skip
"""The tone replaces the hyphen, or stands at the end."""
_IRREGULAR_SYLLABLES = {
    "er": "ɚ", "o": "ɔ", "yo": "jɔ", "ê": "ɛ", "m": "m", "n": "n", "ng": "ŋ", "hm": "hm", "hng": "hŋ",
}  # fmt: skip
"""Syllables without a regular final."""
_SYLLABIC_INITIALS = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
"""After these initials, the final `i` is a syllabic consonant."""
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}


def pinyin_to_symbols(syllable: str, initial: str, final: str, tone: str) -> str:
    """Return Kokoro's symbols for `syllable`, or nothing if it is unknown.

    `initial` and `final` are its parts in strict pinyin, with `v` for `ü`.
    """
    symbols = _IRREGULAR_SYLLABLES.get(syllable) or _join(initial, final)
    vowel, _, coda = symbols.partition("-")
    return f"{vowel}{_TONES[tone]}{coda}" if symbols else ""


def _join(initial: str, final: str) -> str:
    if final == "i" and initial in _SYLLABIC_INITIALS:
        return _INITIALS[initial] + "ɨ"
    is_known = initial in _INITIALS and final in _FINALS
    return _INITIALS[initial] + _FINALS[final] if is_known else ""
