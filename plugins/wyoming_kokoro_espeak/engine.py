"""Calls the library of espeak NG, whose functions `espeak_ng.h` and `speak_lib.h` describe."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_ubyte, c_void_p
from functools import cached_property
from pathlib import Path
from typing import Any

from wyoming_kokoro import StartupError
from wyoming_kokoro_espeak.library import EspeakLibrary

# espeak copies the path of its data to a buffer of 160 bytes, and cuts a longer one.
MAX_PATH_BYTES = 159
OPEN_FILES = Path("/proc/self/fd")
_UTF8 = 1
_IPA = 0x02
# Phonemes of more than one letter are separated from each other.
_SEPARATOR = "_"
_MODE = ord(_SEPARATOR) << 8 | _IPA
MAX_MESSAGE_BYTES = 512
ADVICE = (
    "set PHONEMIZER_ESPEAK_LIBRARY to a shared library of espeak NG,"
    " and PHONEMIZER_ESPEAK_DATA_PATH to its directory espeak-ng-data"
)
REPAIR = "install it again with pip install --force-reinstall espeakng-loader"


class _Voice(ctypes.Structure):
    """`espeak_VOICE`."""

    _fields_ = (
        ("name", c_char_p),
        # The priority of the first language, as one byte, and its name.
        ("languages", c_char_p),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("unused", c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    )


class EspeakEngine:
    """espeak NG in this process, which has one state for all languages. Any thread may call it.

    The library is opened on first use. It is never closed, because that would not free its memory.
    """

    def __init__(self, library: EspeakLibrary, find_crash: Callable[[], str]) -> None:
        """`find_crash` returns how the library ends another process, or an empty text."""
        self.library = library
        self._find_crash = find_crash
        self._lock = threading.Lock()

    def phonemize(self, text: str, language: str) -> str:
        """Return IPA of `text` in espeak's `language`, with marks at changes of the language, such as `(en)`.

        Words are separated by spaces. Raises `StartupError` when espeak or the language cannot be opened.
        """
        with self._lock:
            self._select_voice(language)
            # Each call reads one clause, and moves the pointer past it.
            pointer = c_char_p(text.encode())
            clauses = []
            while pointer.value is not None:
                clauses.append(self._functions.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _MODE))
        phonemes = b" ".join(filter(None, clauses)).decode().strip()
        return phonemes.replace("\n", " ").replace("  ", " ").replace(_SEPARATOR, "")

    def _select_voice(self, language: str) -> None:
        try:
            identifier = self._voices[language]
        except KeyError:
            raise StartupError(f"espeak NG has no voice for {language}; install all of its data") from None
        # Another engine of this process may have selected another voice.
        if self._functions.espeak_GetCurrentVoice().contents.identifier != identifier:
            status = self._functions.espeak_ng_SetVoiceByName(identifier)
            if status:
                raise StartupError(
                    f"espeak NG cannot open its voice for {language}: {_explain(self._functions, status)}"
                )

    @cached_property
    def _voices(self) -> dict[str, bytes]:
        """The identifier of the best voice of each language."""
        voices: dict[str, bytes] = {}
        listed, index = self._functions.espeak_ListVoices(None), 0
        while listed[index]:
            voice = listed[index].contents
            # Voices of MBROLA need another program.
            if not voice.identifier.startswith(b"mb/"):
                voices.setdefault(voice.languages[1:].decode(), voice.identifier)
            index += 1
        return voices

    @cached_property
    def _functions(self) -> Any:
        """The open library."""
        library = self.library
        data = library.data_directory or "its data"
        if crash := self._find_crash():
            raise StartupError(f"espeak NG cannot read {data}: {crash}; {REPAIR}, or {ADVICE}")
        try:
            functions = ctypes.CDLL(library.path)
            functions.espeak_ng_InitializePath.argtypes = [c_char_p]
            functions.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
            functions.espeak_GetCurrentVoice.restype = POINTER(_Voice)
            functions.espeak_TextToPhonemes.restype = c_char_p
            functions.espeak_ng_InitializePath(self._data_path)
            # `espeak_Initialize` would end this process if the data is missing.
            status = functions.espeak_ng_Initialize(None)
        except (OSError, AttributeError) as error:
            raise StartupError(f"espeak NG cannot be opened: {error}; {ADVICE}") from None
        if status:
            raise StartupError(f"espeak NG cannot read {data}: {_explain(functions, status)}; {ADVICE}")
        return functions

    @cached_property
    def _data_path(self) -> bytes | None:
        """A path of the data that espeak can store."""
        directory = self.library.data_directory
        if directory is None:
            return None
        if OPEN_FILES.is_dir():
            # It stays open, because espeak reads the dictionary of a language when it is first used.
            return os.fsencode(OPEN_FILES / str(os.open(directory, os.O_PATH | os.O_DIRECTORY)))
        path = os.fsencode(directory)
        if len(path) > MAX_PATH_BYTES:
            raise OSError(f"the path of its data has more than {MAX_PATH_BYTES} bytes: {directory}")
        return path


def _explain(functions: Any, status: int) -> str:
    """Return the message of an error."""
    message = ctypes.create_string_buffer(MAX_MESSAGE_BYTES)
    functions.espeak_ng_GetStatusCodeMessage(status, message, c_size_t(MAX_MESSAGE_BYTES))
    return message.value.decode(errors="replace")
