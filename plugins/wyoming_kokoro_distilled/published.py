"""The distilled voices of hibari: the one in the package, and those that can be downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wyoming_kokoro import Download

DOWNLOAD_URL = "https://huggingface.co/maureesewilliams/hibari/resolve/main/voices"


class HibariVoices:
    """The voices that the package hibari-tts contains or names."""

    def __init__(self, folder: Path, url: str) -> None:
        """`folder` stores downloaded voices. `url` is the address of the folder with the published files."""
        # An import would load all of hibari.
        spec = find_spec("hibari")
        self._assets = Path(str(spec.origin if spec else "")).parent / "assets"
        self._folder = folder
        self._url = url.rstrip("/")

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the Kokoro voice and the model file of each voice that needs no download."""
        for entry in self._entries():
            file = (self._assets if entry["bundled"] else self._folder) / entry["file"]
            if file.is_file():
                yield entry["kokoro"], file

    def downloads(self) -> Iterator[Download]:
        """Yield the voices that can be downloaded."""
        for entry in self._entries():
            voice, file = entry["kokoro"], entry["file"]
            if not entry["bundled"]:
                yield Download(
                    voice,
                    f"the distilled model of the voice {voice} ({entry['bytes'] / 1e6:.0f} MB)",
                    f"{self._url}/{file}",
                    entry["sha256"],
                    self._folder / file,
                    f"restart the server; with the quality auto or distilled, the model then speaks {voice}",
                )

    def _entries(self) -> list[dict[str, Any]]:
        try:
            return list(json.loads((self._assets / "voices.json").read_text("utf-8")).values())
        except OSError:
            # The package is not installed.
            return []
