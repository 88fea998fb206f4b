"""HAProxy with `deploy/haproxy.cfg`, in front of servers on loopback addresses."""

from __future__ import annotations

import csv
import getpass
import grp
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.scaling.reserved_port import reserved_port
from wyoming_kokoro.errors import StartupError

CONFIG = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
"""The program, or None. Debian installs it in a folder that only root searches."""
START_SECONDS = 60.0
# Linux answers on all of 127.0.0.0/8, so that each server has the same ports on an address of its own.
REPLICA_HOSTS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
BACKUP_HOST = "127.0.0.14"
BALANCER_NETWORK = "127.0.0.1/32"
"""Where HAProxy connects from."""


@dataclass(frozen=True, slots=True)
class Balancer:
    """A running HAProxy."""

    port: int
    admin_socket: Path

    def command(self, text: str) -> str:
        """Run a command of HAProxy's management guide and return its output."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.admin_socket))
            connection.sendall(f"{text}\n".encode())
            return connection.makefile(encoding="utf-8").read()

    def read_servers(self, backend: str = "kokoro") -> dict[str, dict[str, str]]:
        """Return the statistics of each server, such as its `status` and its number of sessions (`scur`)."""
        lines = self.command("show stat").removeprefix("# ").splitlines()
        rows = [row for row in csv.DictReader(lines) if row["pxname"] == backend]
        return {row["svname"]: row for row in rows if row["svname"] != "BACKEND"}

    def wait_for_status(self, server: str, prefix: str, seconds: float = 60.0) -> None:
        """Wait until the status of a server, such as `UP`, begins with `prefix`. Raises `StartupError`."""
        until = time.monotonic() + seconds
        while not (status := self.read_servers()[server]["status"]).startswith(prefix):
            if time.monotonic() > until:
                raise StartupError(f"{server} is {status} and not {prefix} after {seconds:g} s")
            time.sleep(0.05)


def with_replicas(text: str, count: int) -> str:
    """Return the configuration with `count` servers instead of two, and the backup."""
    lines = list[str]()
    for line in text.splitlines():
        numbers = range(2, count + 1) if "REPLICA_2" in line else [2]
        lines += [line.replace("replica-2", f"replica-{n}").replace("REPLICA_2", f"REPLICA_{n}") for n in numbers]
    return "\n".join(lines) + "\n"


@contextmanager
def run_haproxy(
    folder: Path, port: int, dashboard_port: int, hosts: Sequence[str] = REPLICA_HOSTS, backup: str = BACKUP_HOST
) -> Iterator[Balancer]:
    """Run HAProxy in front of the servers on `hosts`, which all have the same ports. Raises `StartupError`."""
    if HAPROXY is None:
        raise StartupError("haproxy is not installed: apt-get install haproxy")
    file, admin_socket = folder / "haproxy.cfg", folder / "admin.sock"
    file.write_text(with_replicas(CONFIG.read_text("utf-8"), len(hosts)), "utf-8")
    addresses = {f"REPLICA_{number}": f"{host}:{port}" for number, host in enumerate(hosts, 1)}
    environment = {
        **os.environ,
        **addresses,
        "BACKUP": f"{backup}:{port}",
        "DASHBOARD_PORT": str(dashboard_port),
        "ADMIN_SOCKET": str(admin_socket),
        "RUN_USER": getpass.getuser(),
        "RUN_GROUP": grp.getgrgid(os.getgid()).gr_name,
    }
    with (folder / "haproxy.log").open("wb") as log, reserved_port() as listen_port:
        environment["LISTEN"] = f"127.0.0.1:{listen_port}"
        process = subprocess.Popen([HAPROXY, "-f", str(file), "-db"], env=environment, stdout=log, stderr=log)
        with process:
            try:
                _wait_for_port(process, listen_port, admin_socket, folder / "haproxy.log")
                yield Balancer(listen_port, admin_socket)
            finally:
                process.terminate()


def _wait_for_port(process: subprocess.Popen[bytes], port: int, admin_socket: Path, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        # HAProxy listens on the port some time before it has made the socket for commands.
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            if admin_socket.exists():
                return
        time.sleep(0.02)
    raise StartupError(f"haproxy did not start: {log.read_text('utf-8', 'replace')}")
