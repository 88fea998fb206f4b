"""Converts Japanese text to Kokoro's symbols."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cached_property
from importlib import metadata
from typing import Any

from wyoming_kokoro import StartupError
from wyoming_kokoro.onnx import runtime
from wyoming_kokoro_japanese.kana import kana_to_symbols

_LATIN = "[A-Za-zÀ-ÖØ-öø-ɏ]"
_LOWER = "[a-zß-öø-ÿ]"
_MARK = r"""(?:(?<!\d)[;:,.!?—…"()“”]|[;:,.!?—…"()“”](?!\d))"""
_MARKS = re.compile(rf"(\s*{_MARK}(?:\s*{_MARK})*\s*)")


class JapanesePhonemizer:
    """Phonemizes with Open JTalk. Its dictionary is opened on first use, which takes a second."""

    foreign = re.compile(rf"(?<!{_LATIN}){_LATIN}+{_LOWER}{{2}}{_LATIN}*(?:[ '’-]{_LATIN}+)*")
    """Words in Latin letters. Japanese has names for units (`kWh`, `mm`) and abbreviations (`LED`)."""

    def __init__(self, find_crash: Callable[[], str]) -> None:
        """`find_crash` returns how Open JTalk ends another process, or an empty text."""
        self._find_crash = find_crash

    @property
    def version(self) -> str:
        """Return the version of the dictionary that determines the phonemes."""
        return f"pyopenjtalk-plus {metadata.version('pyopenjtalk-plus')}"

    def phonemize(self, text: str) -> str:
        """Return Kokoro's symbols with spaces between words, and punctuation.

        Raises `StartupError` when Open JTalk cannot read its dictionary.
        """
        text = unicodedata.normalize("NFKC", text).replace("°C", "℃")
        parts = _MARKS.split(text)
        return "".join(part if index % 2 else self._phonemize_words(part) for index, part in enumerate(parts))

    def _phonemize_words(self, text: str) -> str:
        if not text:
            return ""
        # Open JTalk calls what it cannot read a symbol (記号) without moras.
        words = [word["pron"] for word in self._run_frontend(text) if word["pos"] != "記号" or word["mora_size"]]
        return re.sub("(?<=ʔ) ", "", " ".join(filter(None, map(kana_to_symbols, words))))

    @cached_property
    def _run_frontend(self) -> Any:
        if crash := self._find_crash():
            repair = "pip install --force-reinstall pyopenjtalk-plus"
            raise StartupError(f"Open JTalk cannot read its dictionary: {crash}; run {repair}")
        # pyopenjtalk imports ONNX Runtime, whose telemetry `runtime` disables.
        runtime()
        from pyopenjtalk import run_frontend  # noqa: PLC0415 slow

        return run_frontend
