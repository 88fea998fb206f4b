"""Every error that wyoming-kokoro raises on purpose.

KokoroError
  ConfigError               the configuration is wrong; exit code 2
  StartupError              the server cannot start; exit code 1
  GraphMismatch             the model cannot be cut into stages; it runs as a whole
  ProtocolError             a client broke the Wyoming protocol; its connection is closed
    EventTooLong
    ConnectionTimeout
  PluginError               a plugin broke its contract
    PluginUnavailable       a plugin cannot run on this machine, which is not an error
  LexiconError              a word cannot be taught or removed
  SpeechError               one request fails; the others continue
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
    """The base class. The text is one line that says what is wrong and what to do."""


class ConfigError(KokoroError):
    """A value of the configuration is invalid. `source` is the file, variable or option that contains it."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}" if key else f"{source}: {reason}")


class StartupError(KokoroError):
    """The server cannot start."""


class GraphMismatch(KokoroError):
    """The model's graph lacks a pattern that preparation needs."""


class ProtocolError(KokoroError):
    """A client sent data that violates the Wyoming protocol."""

    code = "protocol-error"


class EventTooLong(ProtocolError):
    """An event is longer than the configuration allows."""

    code = "event-too-long"


class ConnectionTimeout(ProtocolError):
    """A client was silent for longer than the configuration allows."""

    code = "connection-timeout"


class PluginError(KokoroError):
    """A plugin broke its contract."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin}: {reason}")


class PluginUnavailable(PluginError):
    """A plugin cannot run on this machine, for example without a package. Its constructor raises this."""

    def __init__(self, reason: str) -> None:
        Exception.__init__(self, reason)


class LexiconError(KokoroError):
    """A word cannot be taught or removed."""


class SpeechError(KokoroError):
    """One request fails."""

    code = "speech-error"


class UnknownVoice(SpeechError):
    """The requested voice is not advertised."""

    code = "unknown-voice"


class UnsupportedLanguage(SpeechError):
    """No phonemizer is installed for the voice's language."""

    code = "unsupported-language"


class UnsupportedText(SpeechError):
    """The format of the text is unknown, or turned off."""

    code = "unsupported-text"


class TextTooLong(SpeechError):
    """The request is longer than the configuration allows."""

    code = "text-too-long"


class SynthesisFailed(SpeechError):
    """The model failed to synthesize a segment."""

    code = "synthesis-failed"


class Overloaded(SpeechError):
    """The machine cannot synthesize one more stream in real time."""

    code = "overloaded"


class TooManyRequests(SpeechError):
    """One client has more active requests than the configuration allows."""

    code = "too-many-requests"


class ShuttingDown(SpeechError):
    """The server is stopping and starts no new request."""

    code = "shutting-down"

    def __init__(self) -> None:
        super().__init__("the server is stopping; try again shortly")


def code_of(failure: Exception) -> str:
    """Return the code of the error event for `failure`."""
    return failure.code if isinstance(failure, (SpeechError, ProtocolError)) else "internal-error"
