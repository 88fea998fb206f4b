"""A stage of the model on the best provider that works."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from wyoming_kokoro.errors import StartupError
from wyoming_kokoro.types import Array, Provider, Session, SessionOptions

log = logging.getLogger(__name__)


class Stage:
    """Runs one ONNX file; when a provider fails, the next one takes over for good."""

    def __init__(self, file: Path, providers: Sequence[Provider], options: SessionOptions) -> None:
        """Open `file` with the first of `providers` that can. Raises `StartupError` when none can."""
        self._file = file
        self._left = [provider for provider in providers if provider.why_not is None]
        self._options = options
        self._session = self._open()

    @property
    def provider(self) -> str:
        """The name of the provider in use."""
        return self._left[0].name

    @property
    def precision(self) -> str:
        """The precision class of the provider in use."""
        return self._left[0].precision

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Run the stage. Raises what the last provider raises when every provider fails."""
        while True:
            try:
                return self._session.run(feeds)
            except Exception as error:
                if len(self._left) == 1:
                    raise
                log.warning("Provider %s failed on %s (%s)", self.provider, self._file.name, error)
                self._left.pop(0)
                self._session = self._open()

    def close(self) -> None:
        """Give back the stage's memory."""
        self._session.close()

    def _form(self) -> Path:
        """Return the file in the precision of the provider, where it was prepared in that."""
        form = self._file.with_suffix(f".{self.precision}.onnx")
        return form if form.is_file() else self._file

    def _open(self) -> Session:
        reasons = []
        while self._left:
            try:
                session = self._left[0].open(self._form(), self._options)
            except Exception as error:  # noqa: BLE001 a provider may fail in any way; the next one is tried
                reasons.append(f"{self.provider}: {error}")
                log.warning("Provider %s cannot open %s: %s", self.provider, self._file.name, error)
                self._left.pop(0)
            else:
                log.info("%s runs on %s", self._form().name, self.provider)
                return session
        why = "; ".join(reasons) or "none is usable: see `wyoming-kokoro plugins`"
        raise StartupError(f"no provider can open {self._file} ({why})")
