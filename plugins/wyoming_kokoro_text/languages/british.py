"""British words and rules, which come before those of `english`."""

from __future__ import annotations

from wyoming_kokoro_text.language import Language
from wyoming_kokoro_text.languages.english.times import BRITISH_TIMES
from wyoming_kokoro_text.languages.english.words import BRITISH_DATES

LANGUAGE = Language("en-GB", dates=BRITISH_DATES, rules={"times": BRITISH_TIMES})
