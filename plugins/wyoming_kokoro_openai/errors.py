"""Errors as OpenAI's API reports them."""

from __future__ import annotations

from aiohttp import web

from wyoming_kokoro import Overloaded, SpeechError, SynthesisFailed, TextTooLong, UnknownVoice, UnsupportedLanguage

RETRY_SECONDS = 1


class ApiError(Exception):
    """A request that is answered with an error before its first byte."""

    def __init__(self, status: int, message: str, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param

    @classmethod
    def of_speech(cls, error: SpeechError) -> ApiError:
        """Return the answer to a request that the speech path refused."""
        code = error.code.replace("-", "_")
        if isinstance(error, SynthesisFailed):
            return cls(502, str(error), code)
        if isinstance(error, Overloaded) or error.code in ("too-many-requests", "shutting-down"):
            return cls(503, str(error), code)
        is_voice, is_language = isinstance(error, UnknownVoice), isinstance(error, UnsupportedLanguage)
        param = "voice" if is_voice else "lang_code" if is_language else "input"
        return cls(413 if isinstance(error, TextTooLong) else 400, str(error), code, param)

    def body(self) -> dict[str, object]:
        """Return the JSON object."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> web.Response:
        """Return the response."""
        headers = {"Retry-After": str(RETRY_SECONDS)} if self.status in (429, 503) else {}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        response = web.json_response(self.body(), status=self.status, headers=headers)
        if self.status in (408, 413):
            # The rest of the body would be read as the next request.
            response.force_close()
        return response
