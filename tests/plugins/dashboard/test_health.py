"""Health and readiness."""

from __future__ import annotations

from tests.helpers.servers.dashboard import busy_server, running_dashboard


async def test_server_is_healthy_but_not_ready_while_the_model_loads() -> None:
    server = busy_server(is_ready=False, timeline={"listening": 0.4})
    async with running_dashboard(server) as dashboard:
        response = await dashboard.get("/readyz")
        assert response.status_code == 503
        assert response.json()["ready"] is False
        assert "the model is loading" in response.json()["reason"]
        assert response.json()["timeline"] == {"listening": 0.4}
        assert (await dashboard.get("/healthz")).status_code == 200
        server.problems = ["the phonemizer for en-US failed: no data", "the model kokoro failed: damaged"]
        reason = "the phonemizer for en-US failed: no data; the model kokoro failed: damaged"
        assert (await dashboard.get("/readyz")).json()["reason"] == reason
        server.is_ready = True
        response = await dashboard.get("/readyz")
        assert response.status_code == 200
        assert response.json()["ready"] is True
        assert response.json()["reason"] == reason
        assert [model["state"] for model in response.json()["models"]] == ["open", "failed"]
        server.problems = ()
        assert (await dashboard.get("/readyz")).json()["reason"] == ""


async def test_server_is_unhealthy_while_one_unit_of_work_hangs() -> None:
    server = busy_server(running_unit_seconds=59.0)
    async with running_dashboard(server) as dashboard:
        response = await dashboard.get("/healthz")
        assert (response.status_code, response.json()["healthy"]) == (503, False)
        assert "59 s" in response.json()["reason"]
        server.running_unit_seconds = 0.2
        assert (await dashboard.get("/healthz")).json() == {"healthy": True, "reason": ""}


async def test_overload_is_reported_only_to_checks_that_ask_for_it() -> None:
    """Restarting an overloaded server would make it worse."""
    server = busy_server(is_overloaded=True)
    async with running_dashboard(server) as dashboard:
        response = await dashboard.get("/readyz?overload")
        assert (response.status_code, response.json()["ready"]) == (503, False)
        assert "overloaded" in response.json()["reason"]
        assert [(await dashboard.get(path)).status_code for path in ("/readyz", "/healthz")] == [200, 200]
        server.is_overloaded = False
        assert (await dashboard.get("/readyz?overload")).status_code == 200
        server.is_ready = False
        assert "loading" in (await dashboard.get("/readyz?overload")).json()["reason"]
