"""HTTP server with OpenAI's speech API, for Open WebUI, openai_tts, SillyTavern and other clients."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

from wyoming_kokoro import PluginContext, Server, hookimpl
from wyoming_kokoro.http.service import HttpService, HttpSettings
from wyoming_kokoro_openai.api_keys import ApiKeys
from wyoming_kokoro_openai.context import ApiContext
from wyoming_kokoro_openai.settings import Settings

MAX_CONNECTIONS = 128


class OpenAiPlugin:
    """Provides the HTTP server."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._keys = ApiKeys.load(self._settings.api_keys, os.environ, context)
        self._log = context.log

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the HTTP server."""
        yield openai_service(ApiContext(server, self._settings, self._keys, self._log))


def openai_service(context: ApiContext) -> HttpService:
    """Return the HTTP server of the API."""
    settings = context.settings
    http = HttpSettings("Speech API", "openai", settings.host, settings.port, MAX_CONNECTIONS)
    return HttpService(http, context.server, context.log, "wyoming_kokoro_openai.application", context)
