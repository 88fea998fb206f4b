"""Small models that sound like one Kokoro voice each, for a thirtieth of the full model's work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from wyoming_kokoro import ConfigError, PluginContext, SpeechModel, hookimpl
from wyoming_kokoro_distilled.model import DistilledModel

BUILTIN_VOICE = "af_heart"
# The package hibari-tts contains the model of this voice.
BUILTIN_PACKAGE, BUILTIN_FILE = "hibari", "assets/hibari.onnx"
LANGUAGES = {"a": "en-US", "b": "en-GB"}


@dataclass(frozen=True, slots=True)
class Settings:
    """`[plugins.distilled]`."""

    files: dict[str, str] = field(default_factory=dict)
    """Paths of further models, by the Kokoro voice that each imitates, such as `bf_emma`."""


class DistilledPlugin:
    """Offers a distilled model for each voice that has one."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._files = {name: Path(path).expanduser() for name, path in context.settings(Settings).files.items()}
        for name, file in self._files.items():
            if name[:1] not in LANGUAGES:
                known = " or ".join(f"{letter}_" for letter in LANGUAGES)
                raise self._error(name, f"only English voices are read; use a name that begins with {known}")
            if not file.is_file():
                raise self._error(name, f"no file: {file}; correct the path or remove the entry")

    @hookimpl
    def kokoro_speech_models(self) -> Iterator[SpeechModel]:
        """Return the built-in voice and those of the settings."""
        builtin = Path(str(resources.files(BUILTIN_PACKAGE) / BUILTIN_FILE))
        for voice, file in {BUILTIN_VOICE: builtin, **self._files}.items():
            yield DistilledModel(voice, LANGUAGES[voice[0]], file, self._context)

    def _error(self, name: str, reason: str) -> ConfigError:
        return ConfigError(self._context.config_source, f"plugins.distilled.files.{name}", reason)
