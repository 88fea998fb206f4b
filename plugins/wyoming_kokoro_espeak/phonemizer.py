"""Text of one language becomes IPA."""

from __future__ import annotations

import logging
import re
import threading
from functools import cached_property
from importlib import metadata
from typing import Any

from wyoming_kokoro import StartupError
from wyoming_kokoro_espeak.library import EspeakLibrary

PUNCTUATION = ';:,.!?¡¿—…"«»“”(){}[]'
"""Punctuation that is kept: the model's vocabulary has it, or it stands for a pause."""

_PUNCTUATION_MARK = rf"(?:(?<!\d)[{re.escape(PUNCTUATION)}]|[{re.escape(PUNCTUATION)}](?!\d))"
_PUNCTUATION_RUN = re.compile(rf"(\s*{_PUNCTUATION_MARK}(?:\s*{_PUNCTUATION_MARK})*\s*)")
_NO_MARK = "\0"


class EspeakPhonemizer:
    """Opens espeak when it is first used: the import alone takes a second.

    espeak drops punctuation, so the text between the marks is phonemized and the marks are put back.
    phonemizer could do that too, but takes the point of `3.14` for the end of a sentence.
    """

    def __init__(self, voice: str, library: EspeakLibrary, lock: threading.Lock) -> None:
        """`lock` is shared by all languages, since espeak's state is the process's."""
        self._voice = voice
        self._library = library
        self._lock = lock

    @property
    def version(self) -> str:
        """Return what the phonemes depend on besides our own code."""
        return f"phonemizer {metadata.version('phonemizer')} {self._library.path} {self._library.file_version}"

    def phonemize(self, text: str) -> str:
        """Return IPA with stress and punctuation. Raises `StartupError` when espeak cannot be opened."""
        parts = _PUNCTUATION_RUN.split(" ".join(text.replace(_NO_MARK, " ").split()))
        with self._lock:
            return "".join(part if index % 2 else self._words(part) for index, part in enumerate(parts))

    def _words(self, text: str) -> str:
        return str(self._backend.phonemize([text], strip=True)[0]) if text else ""

    @cached_property
    def _backend(self) -> Any:
        from phonemizer.backend import EspeakBackend  # noqa: PLC0415 takes a second
        from phonemizer.backend.espeak.wrapper import EspeakWrapper  # noqa: PLC0415

        log = logging.getLogger("wyoming_kokoro.plugins.espeak.phonemizer")
        log.setLevel(logging.ERROR)  # it warns of every foreign word
        EspeakWrapper.set_library(self._library.path)
        EspeakWrapper.set_data_path(self._library.data_directory)
        try:
            return EspeakBackend(
                self._voice,
                punctuation_marks=_NO_MARK,
                with_stress=True,
                language_switch="remove-flags",
                words_mismatch="ignore",
                logger=log,
            )
        except (OSError, RuntimeError) as error:
            # It loads a copy of the library from the temporary directory, which must allow programs to run.
            raise StartupError(
                f"espeak NG cannot be opened ({error}); if the temporary directory is mounted noexec,"
                " set TMPDIR to a directory that is not"
            ) from error
