"""Recommendations as JSON."""

from __future__ import annotations

from tests.helpers.dashboard import busy_server, running_dashboard
from wyoming_kokoro.api.metrics import Advice


async def test_advice_of_the_server_is_returned() -> None:
    advice = Advice("memory", "Memory was short 3 times.", "Add some.")
    async with running_dashboard(busy_server(recommendations=[advice])) as dashboard:
        response = await dashboard.get("/api/advice")
    assert response.json() == {
        "advice": [{"topic": "memory", "finding": "Memory was short 3 times.", "action": "Add some."}]
    }
