"""The files in `deploy/`, against schemas and against the program that they start."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from wyoming_kokoro.config import Config, ServerConfig, load_config
from wyoming_kokoro_dashboard.application import ENDPOINTS
from wyoming_kokoro_dashboard.settings import Settings
from wyoming_kokoro_redis import URL_VARIABLE

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
KUBERNETES_VERSION = "1.37.0"


def load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return loaded


def load_server(text: str, folder: Path) -> Config:
    (folder / "config.toml").write_text(text)
    return load_config(folder / "config.toml", {}, {})


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = load(DEPLOY / "kubernetes" / "deployment.yaml")["spec"]["template"]["spec"]
    return spec


def test_compose_file_follows_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_replicas_of_the_compose_file_trust_their_network(tmp_path: Path) -> None:
    compose = load(COMPOSE)
    config = load_server((DEPLOY / "replica.toml").read_text("utf-8"), tmp_path)
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert config.server.proxies == (network["subnet"],)
    assert ip_network(network["subnet"]).is_private
    assert config.server.advertise == "none"
    assert config.plugins["dashboard"] == {"host": ""}
    for name in ("replica-1", "replica-2"):
        service = compose["services"][name]
        assert int(service["stop_grace_period"].removesuffix("s")) > config.server.shutdown_grace_seconds
        assert "./replica.toml:/etc/wyoming-kokoro/config.toml:ro" in service["volumes"]
        assert "ports" not in service
        assert service["environment"][URL_VARIABLE] == "redis://valkey:6379"


def test_haproxy_of_the_compose_file_knows_the_replicas() -> None:
    haproxy = load(COMPOSE)["services"]["haproxy"]
    port = ServerConfig().uri.rpartition(":")[2]
    for number in (1, 2):
        assert haproxy["environment"][f"REPLICA_{number}"] == f"replica-{number}:{port}"
    assert haproxy["ports"] == [f"{port}:{port}"]
    defaults = dict(
        line.split()[1:] for line in (DEPLOY / "haproxy.cfg").read_text("utf-8").splitlines() if "presetenv" in line
    )
    assert {*haproxy["environment"]} <= {*defaults}
    assert defaults["DASHBOARD_PORT"] == str(Settings().port)
    assert defaults["LISTEN"] == f":{port}"


@pytest.mark.parametrize("file", KUBERNETES, ids=lambda file: file.stem)
def test_kubernetes_file_follows_the_schema(file: Path) -> None:
    """Unknown keys are errors."""
    kubernetes_validate.validate(load(file), KUBERNETES_VERSION, strict=True)


def test_pods_and_services_have_the_same_labels() -> None:
    by_kind = {load(file)["kind"]: load(file)["spec"] for file in KUBERNETES if "spec" in load(file)}
    labels = by_kind["Deployment"]["template"]["metadata"]["labels"]
    assert by_kind["Deployment"]["selector"]["matchLabels"] == labels
    assert by_kind["Service"]["selector"] == labels
    assert by_kind["PodDisruptionBudget"]["selector"]["matchLabels"] == labels
    assert by_kind["PodDisruptionBudget"]["minAvailable"] < by_kind["Deployment"]["replicas"]


def test_probes_of_the_pod_ask_the_dashboard(tmp_path: Path) -> None:
    (container,) = pod()["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"wyoming": 10200, "dashboard": Settings().port}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"].partition("?")[0] in ENDPOINTS
    config = load_server(load(DEPLOY / "kubernetes" / "configmap.yaml")["data"]["config.toml"], tmp_path)
    assert config.plugins["dashboard"] == {"host": ""}


def test_grace_period_of_the_pod_is_longer_than_that_of_the_server() -> None:
    (container,) = pod()["containers"]
    (_, seconds) = container["lifecycle"]["preStop"]["exec"]["command"]
    # The server may need five more seconds to close connections.
    assert pod()["terminationGracePeriodSeconds"] >= int(seconds) + ServerConfig().shutdown_grace_seconds + 5


def test_pod_runs_as_the_user_of_the_image() -> None:
    user = pod()["securityContext"]["runAsUser"]
    assert f"USER {user}:{user}" in (DEPLOY.parent / "Dockerfile").read_text("utf-8")
