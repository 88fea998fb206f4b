"""Japanese text becomes Kokoro's symbols."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property
from importlib import metadata
from typing import Any

from wyoming_kokoro.onnx import runtime
from wyoming_kokoro_japanese.kana import kana_to_symbols

_PUNCTUATION_MARK = r"""(?:(?<!\d)[;:,.!?—…"()“”]|[;:,.!?—…"()“”](?!\d))"""
_PUNCTUATION_RUN = re.compile(rf"(\s*{_PUNCTUATION_MARK}(?:\s*{_PUNCTUATION_MARK})*\s*)")
_NOTATION = (
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"(?<![\d-])([01]?\d|2[0-3]):([0-5]\d)(?!\d)"), r"\1時\2分"),
    (re.compile(r"(?<=時)00分"), ""),
    (re.compile(r"(?<=時)0(?=\d分)"), ""),
    (re.compile(r"(?<!\d)(\d{4})-0?(\d{1,2})-0?(\d{1,2})(?!\d)"), r"\1年\2月\3日"),
    (re.compile(r"(?<=[\d℃%])\s?[〜~–-]\s?(?=\d)"), "から"),
    (re.compile(r"(?<![\w-])[-−](?=\d)"), "マイナス"),
    (re.compile(r"°C"), "℃"),
)
"""What Open JTalk reads by its signs; all other numbers, their counters and most units it knows."""


class JapanesePhonemizer:
    """Opens the dictionary when it is first used: it takes a second."""

    foreign = re.compile(r"(?<![A-Za-z])[A-Za-z]*[A-Za-z][a-z]{2}[A-Za-z]*(?:[ '’-][A-Za-z]+)*")
    """Words in Latin letters; units (`kWh`, `mm`) and abbreviations (`LED`) are known in Japanese."""

    @property
    def version(self) -> str:
        """Return what the phonemes depend on besides our own code."""
        return f"pyopenjtalk-plus {metadata.version('pyopenjtalk-plus')}"

    def phonemize(self, text: str) -> str:
        """Return Kokoro's symbols, words apart, with punctuation."""
        text = unicodedata.normalize("NFKC", text.replace("℃", "°C"))
        for written, said in _NOTATION:
            text = written.sub(said, text)
        return "".join(part if at % 2 else self._words(part) for at, part in enumerate(_PUNCTUATION_RUN.split(text)))

    def _words(self, text: str) -> str:
        if not text:
            return ""
        words = (
            kana_to_symbols(word["pron"]) for word in self._frontend(text) if word["pos"] != "記号" or word["mora_size"]
        )
        return re.sub("(?<=ʔ) ", "", " ".join(word for word in words if word))

    @cached_property
    def _frontend(self) -> Any:
        runtime()  # it imports ONNX Runtime, whose telemetry is to be off before
        from pyopenjtalk import run_frontend  # noqa: PLC0415 slow

        return run_frontend
