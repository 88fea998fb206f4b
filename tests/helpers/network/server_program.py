"""A program that serves slow fake speech on port 10200 of every interface until SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, Sequence

from wyoming_kokoro import SAMPLE_RATE, Voice
from wyoming_kokoro.config import ServerConfig
from wyoming_kokoro.server.listener import listen

WORD_SECONDS = 0.1


class RealTimeSpeech:
    """Speech service whose utterances yield 100 ms of audio per word, in real time."""

    voice = Voice("af_heart", "en-US", "A")
    rate = SAMPLE_RATE
    work_seconds = 0.0
    wait_seconds = None
    cached = True

    def __init__(self) -> None:
        self._text = ""

    @property
    def voices(self) -> Sequence[Voice]:
        return (self.voice,)

    def utterance(
        self,
        voice: str | None = None,
        language: str | None = None,
        speaker: str | None = None,
        *,
        text_format: str | None = None,
        client: str = "",
    ) -> RealTimeSpeech:
        return RealTimeSpeech()

    def feed(self, text: str) -> None:
        self._text += text

    def finish(self) -> None:
        pass

    async def pcm(self) -> AsyncGenerator[bytes, None]:
        for _ in self._text.split():
            await asyncio.sleep(WORD_SECONDS)
            yield bytes(4800)


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with listen(ServerConfig(), RealTimeSpeech()):
        print(json.dumps({"listening": True}), flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
