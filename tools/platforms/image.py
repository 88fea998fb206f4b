"""Runs the instructions of the Dockerfile in chroots of Debian, where Docker does not work.

The base image is replaced by a minimal Debian with Python.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tools.platforms.environments import Environment, debian, install_debian

PYTHON = "/usr/bin/python3"
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

    @property
    def environment(self) -> Environment:
        """The environment of a program in this stage."""
        return debian(self.root, PYTHON, {**self.arguments, **self.variables}, self.user)


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
    elif word == "USER":
        stage.user = rest
    elif word == "WORKDIR":
        stage.folder = rest
        (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif word == "ENTRYPOINT":
        stage.entrypoint = tuple(json.loads(rest))
    elif word == "HEALTHCHECK":
        stage.health_check = tuple(json.loads(rest[rest.index("[") :]))
    elif word not in ("VOLUME", "EXPOSE", "STOPSIGNAL"):
        raise ValueError(f"unknown instruction: {word} {rest}")


def _copy(sources: list[Path], stage: BuildStage, target: str) -> None:
    """Copy as Docker does: the content of a folder, and files into a folder that ends with a slash."""
    place = stage.root / stage.folder.lstrip("/") / target.lstrip("/")
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(source, place / source.name if target.endswith("/") else place)
