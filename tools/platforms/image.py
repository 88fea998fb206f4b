"""Runs the instructions of the Dockerfile and the built image in chroots of Debian, where Docker does not work.

The base image is replaced by a minimal Debian with Python. As in a container, the program runs with the user and the
variables of the image, as process 1, with a volume, and without other machines in its network.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from tools.platforms.environments import Environment, debian, install_debian

PYTHON = "/usr/bin/python3"
# `stop_grace_period` in docs/installation.md.
STOP_TIMEOUT_SECONDS = 30.0
WITH_VOLUME = ("unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh")
AS_PROCESS_1 = ("unshare", "--pid", "--fork", "--kill-child")
BASE = re.compile(r"python:\S+-slim-(?P<suite>\w+)")


@dataclass(slots=True)
class BuildStage:
    """A stage of the build."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    user: str = ""
    folder: str = "/"
    entrypoint: tuple[str, ...] = ()
    health_check: tuple[str, ...] = ()
    volume: str = ""

    @property
    def environment(self) -> Environment:
        """The environment of a program in this stage."""
        return debian(self.root, PYTHON, {**self.arguments, **self.variables}, self.user)

    def container(self, network: Sequence[str], volume: Path) -> Environment:
        """Return the environment of a container in `network` with the folder `volume`."""
        # Docker fills a new volume with the content and the owner of the folder in the image.
        if not volume.exists():
            subprocess.run(["cp", "--archive", f"{self.root}{self.volume}", str(volume)], check=True)
        inner = self.environment
        prefix = (*network, *WITH_VOLUME, str(volume), f"{self.root}{self.volume}", *inner.prefix)
        # The volume is also the home of the user.
        return replace(inner, prefix=prefix, variables={**inner.variables, "HOME": self.volume})


def build(context: Path, folder: Path) -> BuildStage:
    """Run the Dockerfile of `context` and return its last stage. The roots of the stages are in `folder`."""
    stages: dict[str, BuildStage] = {}
    text = re.sub(r"\\\n\s*", "", (context / "Dockerfile").read_text("utf-8"))
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word == "FROM":
                base, _, name = rest.partition(" AS ")
                match = BASE.fullmatch(base)
                assert match, base
                stages[name] = stage = BuildStage(_copy_base(match["suite"], folder, name or "image"))
            else:
                _follow(word, rest, stage, stages, context)
    return stage


@contextmanager
def run_entrypoint(stage: BuildStage, container: Environment, log: IO[bytes]) -> Iterator[float]:
    """Run the program of the image. Yield the seconds until it is healthy. SIGTERM must end it with code 0."""
    started = time.monotonic()
    server = replace(container, prefix=(*AS_PROCESS_1, *container.prefix)).start(*stage.entrypoint, log=log)
    try:
        while container.run(*stage.health_check):
            if server.poll() is not None:
                raise ValueError(f"the program of the image ended with code {server.returncode}")
            time.sleep(1)
        yield time.monotonic() - started
        process_1 = int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text())
        os.kill(process_1, signal.SIGTERM)
        if code := server.wait(STOP_TIMEOUT_SECONDS):
            raise ValueError(f"the program of the image ended with code {code} after SIGTERM")
    finally:
        server.kill()
        server.wait()


def _copy_base(suite: str, folder: Path, name: str) -> Path:
    install_debian(folder / suite, suite)
    root = folder / f"{suite}-{name}"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "--archive", str(folder / suite), str(root)], check=True)
    # The files of an earlier trial in this Debian.
    shutil.rmtree(root / "work", ignore_errors=True)
    return root


def _follow(word: str, rest: str, stage: BuildStage, stages: dict[str, BuildStage], context: Path) -> None:
    if word == "RUN":
        script = f"cd {shlex.quote(stage.folder)} && {rest}"
        if stage.environment.run("sh", "-c", script):
            raise RuntimeError(f"failed: RUN {rest}")
    elif word == "COPY":
        *sources, target = rest.split()
        source_root = context
        if sources[0].startswith("--from="):
            source_root = stages[sources.pop(0).removeprefix("--from=")].root
        _copy([source_root / source.lstrip("/") for source in sources], stage, target)
    elif word == "ARG":
        name, _, default = rest.partition("=")
        stage.arguments[name] = "".join(shlex.split(default))
    elif word == "ENV":
        for name, value in (pair.split("=", 1) for pair in rest.split()):
            stage.variables[name] = value.replace("$PATH", stage.environment.variables["PATH"])
    elif word in ("USER", "VOLUME"):
        setattr(stage, word.lower(), rest)
    elif word == "WORKDIR":
        stage.folder = rest
        (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif word == "ENTRYPOINT":
        stage.entrypoint = tuple(json.loads(rest))
    elif word == "HEALTHCHECK":
        stage.health_check = tuple(json.loads(rest[rest.index("[") :]))
    elif word not in ("EXPOSE", "STOPSIGNAL"):
        raise ValueError(f"unknown instruction: {word} {rest}")


def _copy(sources: list[Path], stage: BuildStage, target: str) -> None:
    """Copy as Docker does: the content of a folder, and files into a folder that ends with a slash."""
    place = stage.root / stage.folder.lstrip("/") / target.lstrip("/")
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(source, place / source.name if target.endswith("/") else place)
