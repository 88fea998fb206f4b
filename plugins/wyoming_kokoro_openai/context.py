"""What all routes share."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from wyoming_kokoro import Server
from wyoming_kokoro_openai.api_keys import ApiKeys
from wyoming_kokoro_openai.settings import Settings

# An encoder works for about a hundredth of the time that its audio plays, so that two threads serve many streams.
ENCODER_THREADS = 2


class ApiContext:
    """What all routes share."""

    def __init__(self, server: Server, settings: Settings, keys: ApiKeys, log: logging.Logger) -> None:
        self.server = server
        self.settings = settings
        self.keys = keys
        self.log = log
        self.active_requests = 0
        """The requests for speech that are being answered."""
        self.executor = ThreadPoolExecutor(ENCODER_THREADS, thread_name_prefix="openai-encoder")
