"""Tells load balancers when new requests should go to another server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from wyoming_kokoro.scheduling.admission import AdmissionControl

log = logging.getLogger(__name__)

# Shares of `[server] max_wait_seconds`. The requests that come until the next health check must still fit.
OVERLOADED_RATIO = 0.5
CALM_RATIO = 0.25
# A shorter pause between two long texts is not the end of the overload.
CALM_SECONDS = 2.0
# Several load balancers may check often, and a forecast with 200 waiting requests takes tens of milliseconds.
FORECAST_INTERVAL_SECONDS = 0.5


class OverloadDetector:
    """Reports overload. It begins when a new request would wait long, and ends when it could start soon for a while."""

    def __init__(self, admission: AdmissionControl, clock: Callable[[], float] = time.monotonic) -> None:
        self._admission = admission
        self._clock = clock
        self._is_overloaded = False
        self._busy_at = self._forecast_at = -float("inf")

    @property
    def is_overloaded(self) -> bool:
        """Whether new requests should go elsewhere. The state changes only when it is read, as health checks do."""
        now = self._clock()
        if now - self._forecast_at < FORECAST_INTERVAL_SECONDS:
            return self._is_overloaded
        self._forecast_at = now
        wait_seconds, limit = self._admission.next_wait_seconds(), self._admission.max_wait_seconds
        if wait_seconds > CALM_RATIO * limit:
            self._busy_at = now
        if self._is_overloaded:
            self._is_overloaded = now - self._busy_at < CALM_SECONDS
            if not self._is_overloaded:
                log.info("Overload has ended")
        elif wait_seconds > OVERLOADED_RATIO * limit:
            self._is_overloaded = True
            log.warning("Overloaded: a new request would wait %.1f s; health checks report it", wait_seconds)
        return self._is_overloaded
