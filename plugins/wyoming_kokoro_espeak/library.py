"""Finds an espeak NG library that can be loaded."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro import PluginUnavailable


@dataclass(frozen=True, slots=True)
class EspeakLibrary:
    """A shared library of espeak NG."""

    path: str
    data_directory: str | None
    """None uses the directory that is compiled into the library."""

    @property
    def files(self) -> list[Path]:
        """The library and its data, if their paths are known."""
        return [Path(path) for path in (self.path, self.data_directory) if path]

    @property
    def file_version(self) -> str:
        """Return a string that changes when another version of the library is installed."""
        # The library of the system is given by name, not by path. Its version stays unknown.
        with suppress(OSError):
            state = Path(self.path).stat()
            return f"{state.st_size} {state.st_mtime_ns}"
        return ""


def find_loadable(libraries: Iterable[EspeakLibrary], find_crash: Callable[[EspeakLibrary], str]) -> EspeakLibrary:
    """Return the first of `libraries` that can be loaded. Raises `PluginUnavailable` when there is none.

    `find_crash` returns how loading a library ends another process, or an empty text.
    """
    errors = []
    for library in libraries:
        try:
            if crash := find_crash(library):
                raise OSError(f"{library.path} cannot be loaded: {crash}")
            ctypes.CDLL(library.path)
        except OSError as error:
            errors.append(str(error))
        else:
            return library
    reasons = f": {'; '.join(errors)}" if errors else ""
    raise PluginUnavailable(
        f"espeak NG cannot be loaded{reasons}; install the system's espeak-ng package,"
        " or set PHONEMIZER_ESPEAK_LIBRARY to its shared library"
    )


def find_libraries() -> Iterator[EspeakLibrary]:
    """Yield the library that the environment names, that of the espeakng_loader package, and that of the system."""
    configured = os.environ.get("PHONEMIZER_ESPEAK_LIBRARY")
    if configured:
        yield EspeakLibrary(configured, os.environ.get("PHONEMIZER_ESPEAK_DATA_PATH"))
    # The package may be absent, or built without its data.
    with suppress(ImportError, RuntimeError):
        import espeakng_loader  # noqa: PLC0415 it may not be installed

        yield EspeakLibrary(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    system = ctypes.util.find_library("espeak-ng")
    if system:
        yield EspeakLibrary(system, None)
