"""Finding an espeak NG that can be loaded."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import PluginUnavailable


@dataclass(frozen=True, slots=True)
class EspeakLibrary:
    """A shared library of espeak NG."""

    path: str
    data_directory: str | None
    """Its data directory; None means that the library knows it."""

    @property
    def file_version(self) -> str:
        """Return what changes when another version of the library is installed."""
        with suppress(OSError):  # the system's is known by name, not by path
            state = Path(self.path).stat()
            return f"{state.st_size} {state.st_mtime_ns}"
        return ""


def find_loadable(libraries: Iterable[EspeakLibrary]) -> EspeakLibrary:
    """Return the first library that can be loaded.

    Raises `PluginUnavailable` with the next step when there is none.
    """
    reasons = []
    for library in libraries:
        try:
            ctypes.CDLL(library.path)
        except OSError as error:
            reasons.append(str(error))
        else:
            return library
    why = f" ({'; '.join(reasons)})" if reasons else ""
    raise PluginUnavailable(
        f"espeak NG cannot be loaded{why}; install the system's espeak-ng package,"
        " or set PHONEMIZER_ESPEAK_LIBRARY to its shared library"
    )


def find_libraries() -> Iterator[EspeakLibrary]:
    """Yield where espeak NG may be: where the environment says, in the installed package, in the system."""
    chosen = os.environ.get("PHONEMIZER_ESPEAK_LIBRARY")
    if chosen:
        yield EspeakLibrary(chosen, os.environ.get("PHONEMIZER_ESPEAK_DATA_PATH"))
    try:
        import espeakng_loader  # noqa: PLC0415 it may not be installed

        yield EspeakLibrary(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    except (ImportError, RuntimeError):
        pass  # the package is absent, or was built without its data
    system = ctypes.util.find_library("espeak-ng")
    if system:
        yield EspeakLibrary(system, None)
