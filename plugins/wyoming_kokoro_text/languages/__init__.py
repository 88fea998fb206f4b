"""The words and rules of each language."""

from __future__ import annotations

from wyoming_kokoro_text.languages import chinese, english, french, hindi, italian, japanese, portuguese, spanish

LANGUAGES = (
    english.BRITISH,
    english.LANGUAGE,
    spanish.LANGUAGE,
    french.LANGUAGE,
    hindi.LANGUAGE,
    italian.LANGUAGE,
    portuguese.LANGUAGE,
    japanese.LANGUAGE,
    chinese.LANGUAGE,
)
