"""HTTP server with a dashboard, Prometheus metrics and health checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

from wyoming_kokoro import PluginContext, Server, hookimpl
from wyoming_kokoro.http.service import HttpService, HttpSettings
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.settings import Settings

MAX_CONNECTIONS = 64


class DashboardPlugin:
    """Provides the HTTP server."""

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(Settings)
        self._log = context.log

    @hookimpl
    def kokoro_services(self, server: Server) -> Iterator[AbstractAsyncContextManager[object]]:
        """Return the HTTP server."""
        yield dashboard_service(DashboardContext(server, self._settings, self._log))


def dashboard_service(context: DashboardContext) -> HttpService:
    """Return the HTTP server of the dashboard."""
    settings = context.settings
    http = HttpSettings("Dashboard", "dashboard", settings.host, settings.port, MAX_CONNECTIONS)
    return HttpService(http, context.server, context.log, "wyoming_kokoro_dashboard.application", context)
