"""Every error that wyoming-kokoro raises on purpose.

KokoroError
  ConfigError               the configuration is wrong; exit code 2
  StartupError              the server cannot start; exit code 1
  ProtocolError             a client broke the Wyoming protocol; its connection is closed
    EventTooLong
    SilentTooLong
  PluginError               a plugin broke its contract
    PluginUnavailable       a plugin cannot work on this machine, which is no fault
  SpeechError               one request cannot be spoken; the others go on
    UnknownVoice
    UnsupportedLanguage
    UnsupportedText
    TextTooLong
    SynthesisFailed
    Overloaded
    TooManyRequests
    ShuttingDown
"""

from __future__ import annotations


class KokoroError(Exception):
    """The root of the tree: its text is one line that says what to do next."""


class ConfigError(KokoroError):
    """A configuration value cannot be used."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}" if key else f"{source}: {reason}")


class StartupError(KokoroError):
    """The server cannot start."""


class ProtocolError(KokoroError):
    """A client sent something that is not Wyoming."""

    code = "protocol-error"


class EventTooLong(ProtocolError):
    """An event is longer than the configuration allows."""

    code = "event-too-long"


class ConnectionTimeout(ProtocolError):
    """A client wanted nothing for longer than the configuration allows."""

    code = "silent-too-long"


class PluginError(KokoroError):
    """A plugin failed at something its contract promises."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin}: {reason}")


class PluginUnavailable(PluginError):
    """A plugin cannot work here (wrong platform, missing extra): raise it from the plugin's constructor."""

    def __init__(self, reason: str) -> None:
        Exception.__init__(self, reason)


class SpeechError(KokoroError):
    """One request cannot be spoken."""

    code = "speech-error"


class UnknownVoice(SpeechError):
    """The client asked for a voice that is not advertised."""

    code = "unknown-voice"


class UnsupportedLanguage(SpeechError):
    """No phonemizer is installed for the voice's language."""

    code = "unsupported-language"


class UnsupportedText(SpeechError):
    """The text is in a format that is not plain text, such as SSML."""

    code = "unsupported-text"


class TextTooLong(SpeechError):
    """The request is longer than the configuration allows."""

    code = "text-too-long"


class SynthesisFailed(SpeechError):
    """The model could not speak the segment."""

    code = "synthesis-failed"


class Overloaded(SpeechError):
    """The machine speaks to as many as it can in real time."""

    code = "overloaded"


class TooManyRequests(SpeechError):
    """One client has more requests under way than the configuration allows."""

    code = "too-many-requests"


class ShuttingDown(SpeechError):
    """The server is about to stop, and begins nothing new."""

    code = "shutting-down"

    def __init__(self) -> None:
        super().__init__("the server is stopping; ask again in a moment")


def code_of(failure: Exception) -> str:
    """Return the code of the error that a client is told of `failure`."""
    return failure.code if isinstance(failure, (SpeechError, ProtocolError)) else "internal-error"


class GraphMismatch(KokoroError):
    """The model's graph does not have a pattern that preparation needs: it is decoded whole instead."""
