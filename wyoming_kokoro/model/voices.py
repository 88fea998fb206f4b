"""The names, languages and grades of the voices."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wyoming_kokoro.types import Voice

_LANGUAGES = {
    "a": ("en-US", "US"),
    "b": ("en-GB", "British"),
    "e": ("es", "Spanish"),
    "f": ("fr-FR", "French"),
    "h": ("hi", "Hindi"),
    "i": ("it", "Italian"),
    "j": ("ja", "Japanese"),
    "p": ("pt-BR", "Brazilian"),
    "z": ("zh-CN", "Chinese"),
}
_GENDERS = {"f": "female", "m": "male"}
_NAME = re.compile(rf"[{''.join(_LANGUAGES)}][{''.join(_GENDERS)}]_[^\s+*()]*")

# The overall grades in the model's `VOICES.md`. It has no grades for the Spanish and Portuguese voices.
_GRADES = {
    "A": "af_heart",
    "A-": "af_bella",
    "B-": "af_nicole bf_emma ff_siwis",
    "C+": "af_aoede af_kore af_sarah am_fenrir am_michael am_puck jf_alpha",
    "C": "af_alloy af_nova bf_isabella bm_fable bm_george hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola"
    " jf_gongitsune jf_tebukuro",
    "C-": "af_sky jf_nezumi jm_kumo",
    "D+": "bm_lewis",
    "D": "af_jessica af_river am_echo am_eric am_liam am_onyx bf_alice bf_lily bm_daniel zf_xiaobei zf_xiaoni"
    " zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang",
    "D-": "am_santa",
    "F+": "am_adam",
}


def published_voices(names: Iterable[str]) -> tuple[Voice, ...]:
    """Return the voices with these names.

    A name is `<language letter><f or m>_<name>`, such as `af_heart`. Other names are left out: their language is
    unknown, or they look like a blend.
    """
    grades = {name: grade for grade, graded in _GRADES.items() for name in graded.split()}
    return tuple(_voice(name, grades.get(name, "")) for name in names if _NAME.fullmatch(name))


def display_name(name: str) -> str:
    """Return the name for display: `Heart` for `af_heart`."""
    return name[3:].title()


def _voice(name: str, grade: str) -> Voice:
    language, accent = _LANGUAGES[name[0]]
    label = f"{display_name(name)} ({accent}, {_GENDERS[name[1]]})"
    # Home Assistant selects the first description in string order. "A," < "A-" and "C+" < "C," < "C-".
    return Voice(name, language, f"{grade}, {label}" if grade else label, grade)
