"""Small models that sound like one Kokoro voice each, for a thirtieth of the full model's work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from wyoming_kokoro import ConfigError, Download, PluginContext, SpeechModel, expand_path, hookimpl
from wyoming_kokoro_distilled.model import DistilledModel
from wyoming_kokoro_distilled.published import DOWNLOAD_URL, HibariVoices

LANGUAGES = {"a": "en-US", "b": "en-GB"}


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.distilled]`."""

    download_url: Annotated[str, Meta(pattern="^https?://.")] = DOWNLOAD_URL
    """Where `wyoming-kokoro download` gets the distilled voices of hibari."""
    files: dict[str, str] = field(default_factory=dict)
    """Paths of further models, by the Kokoro voice that each imitates, such as `bf_emma`."""


class DistilledPlugin:
    """Offers a distilled model for each voice that has one."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        settings = context.settings(Settings)
        self._published = HibariVoices(context.cache_dir / "downloads", settings.download_url)
        self._files = {name: expand_path(path) for name, path in settings.files.items()}
        for name, file in self._files.items():
            if name[:1] not in LANGUAGES:
                known = " or ".join(f"{letter}_" for letter in LANGUAGES)
                raise self._error(name, f"only English voices are read; use a name that begins with {known}")
            if not file.is_file():
                raise self._error(name, f"no file: {file}; correct the path or remove the entry")

    @hookimpl
    def kokoro_downloads(self) -> Iterator[Download]:
        """Return the voices that can be downloaded."""
        return self._published.downloads()

    @hookimpl
    def kokoro_speech_models(self) -> Iterator[SpeechModel]:
        """Return the built-in voice, the downloaded ones and those of the settings."""
        for voice, file in {**dict(self._published.files()), **self._files}.items():
            yield DistilledModel(voice, LANGUAGES[voice[0]], file, self._context)

    def _error(self, name: str, reason: str) -> ConfigError:
        return ConfigError(self._context.config_source, f"plugins.distilled.files.{name}", reason)
