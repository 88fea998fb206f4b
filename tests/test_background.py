from __future__ import annotations

import asyncio

import pytest

from wyoming_kokoro import BackgroundService


class Counting(BackgroundService):
    """Counts, or fails."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.turns = 0
        self._most = most

    async def run(self) -> None:
        """Count until there is too much to count."""
        while True:
            self.turns += 1
            if self.turns > self._most:
                raise OverflowError("that is too much")
            await asyncio.sleep(0)


async def test_entering_waits_for_nothing_and_leaving_ends_the_work() -> None:
    async with Counting() as counting:
        assert counting.turns == 0
        await asyncio.sleep(0.01)
        assert counting.turns > 0
    turns = counting.turns
    await asyncio.sleep(0.01)
    assert counting.turns == turns


async def test_what_the_work_raised_is_raised_when_it_is_left() -> None:
    counting = Counting(3)
    await counting.__aenter__()
    await asyncio.sleep(0.01)
    with pytest.raises(OverflowError):
        await counting.__aexit__(None, None, None)
    assert counting.turns == 4


async def test_it_can_be_entered_again() -> None:
    counting = Counting()
    for _ in range(2):
        async with counting:
            await asyncio.sleep(0.001)
