"""Install the wheel of a commit on other platforms, and speak there.

    python -m tools.platforms OUT PLATFORM... [--commit COMMIT] [--extras ja,zh,openai]

A PLATFORM is one of:

    python=PATH   the interpreter PATH, in a new virtual environment
    debian=SUITE  a suite of Debian in a chroot, such as trixie or sid
    arm64         an arm64 Debian, emulated by qemu-user
    image         the steps of the Dockerfile in a chroot; without extras

Each platform is tried without the extras, then with them. Needs root and debootstrap for the last three, and qemu-user
8.1 or newer and uv for `arm64`. The files are in OUT; delete the folder of a platform to begin again. `results.json`
beside this file gets the results, from which `python -m tools.platforms.make_table` writes the table in
docs/platforms.md. `hear.py` adds what Whisper heard. The exit code is 1 if a platform has problems.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.platforms import image
from tools.platforms.environments import (
    Environment,
    debian,
    emulated_debian,
    install_debian,
    native,
    unpack_debian_arm64,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results.json"
ARM64_SUITE = "trixie"
IMAGE_PYTHON = "/opt/wyoming-kokoro/bin/python"
CLOSED_NETWORK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
RUN_UNTIL_HEALTHY = """\
health_check=$1; shift
"$@" & server=$!
until $health_check; do kill -0 $server && sleep 1 || exit 1; done
kill -TERM $server
wait $server
"""


def main() -> int:
    """Try the platforms one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="OUT")
    parser.add_argument("platforms", nargs="+", metavar="PLATFORM")
    parser.add_argument("--commit", default="HEAD", help="default: HEAD")
    parser.add_argument("--extras", default="ja,zh,openai", help="default: ja,zh,openai; empty: only without extras")
    parser.add_argument("--uv", type=Path, help="the arm64 program uv, because pip takes an hour under the emulator")
    parser.add_argument("--qemu", default="/usr/bin/qemu-aarch64-static", help="the static emulator of arm64")
    parser.add_argument("--cpu", default="cortex-a76", help="the emulated CPU; default: that of a Raspberry Pi 5")
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    commit = _git("rev-parse", "--short", options.commit).decode().strip()
    with TemporaryDirectory() as name:
        source = Path(name)
        subprocess.run(["tar", "--extract", "--directory", name], input=_git("archive", commit), check=True)
        wheel = build_wheel(source, folder)
        problems = 0
        for platform in options.platforms:
            for result in try_platform(platform, source, wheel, folder, options):
                today = datetime.datetime.now(datetime.timezone.utc).date()
                save({**result, "commit": commit, "date": today.isoformat()})
                problems += len(result["problems"])
    return 1 if problems else 0


def build_wheel(source: Path, folder: Path) -> Path:
    """Build the wheel."""
    target = folder / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source], check=True)
    return next(target.glob("*.whl"))


def try_platform(
    platform: str, source: Path, wheel: Path, folder: Path, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Yield the result without and with the extras."""
    print(f"== {platform}", flush=True)
    if platform == "image":
        yield speak_in_image(image.build(source, folder), folder)
        return
    environment = open_environment(platform, folder, options)
    shutil.copy(wheel, environment.folder)
    for old in ("venv", "cache"):
        shutil.rmtree(environment.folder / old, ignore_errors=True)
    venv = environment.inside / "venv"
    python = str(venv / "bin/python")
    kind = platform.partition("=")[0]
    if kind == "arm64":
        shutil.copy(options.uv, environment.folder / "uv")
        uv = str(environment.inside / "uv")
        make_venv, install = [uv, "venv", "--python", environment.python], [uv, "pip", "install", "--python", python]
    else:
        make_venv, install = [environment.python, "-m", "venv"], [python, "-m", "pip", "install"]
    seconds = {"venv": timed(environment, *make_venv, venv)}
    environment = replace(environment, python=python)
    for extras in ("", options.extras) if options.extras else ("",):
        requirement = f"{environment.inside / wheel.name}{f'[{extras}]' if extras else ''}"
        seconds["install"] = timed(environment, *install, "--quiet", requirement)
        yield {"platform": kind, "extras": extras, "seconds": dict(seconds), **speak(environment, extras, folder, kind)}


def open_environment(platform: str, folder: Path, options: argparse.Namespace) -> Environment:
    """Return the environment of `platform`, and install it if it does not exist."""
    kind, _, argument = platform.partition("=")
    if kind == "python":
        return native(argument, folder / Path(argument).resolve().name)
    if kind == "debian":
        install_debian(folder / argument, argument)
        return debian(folder / argument, image.PYTHON)
    if kind == "arm64":
        unpack_debian_arm64(folder / kind, ARM64_SUITE)
        return emulated_debian(folder / kind, image.PYTHON, options.qemu, options.cpu)
    raise SystemExit(f"unknown platform: {platform}")


def timed(environment: Environment, *words: object) -> float:
    """Run a program and return how many seconds it took. Raises `RuntimeError` if it fails."""
    started = time.monotonic()
    if code := environment.run(*words):
        raise RuntimeError(f"ended with {code}: {' '.join(map(str, words))}")
    return round(time.monotonic() - started, 1)


def speak(environment: Environment, extras: str, folder: Path, kind: str) -> dict[str, Any]:
    """Run speak.py and return its result. Its files move to the folder `recordings`."""
    shutil.copy(HERE / "speak.py", environment.folder)
    out = environment.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    # The user of the image writes there too.
    out.chmod(0o777)
    command = [environment.python, environment.inside / "speak.py", environment.inside / "out", "--extras", extras]
    environment.run(*command)
    result: dict[str, Any] = json.loads((out / "result.json").read_text("utf-8"))
    name = "-".join([kind, *result["python"].split(".")[:2], *([extras] if extras else [])])
    shutil.rmtree(folder / "recordings" / name, ignore_errors=True)
    shutil.copytree(out, folder / "recordings" / name, ignore=shutil.ignore_patterns("cache", "state"))
    return {**result, "name": name}


def speak_in_image(stage: image.BuildStage, folder: Path) -> dict[str, Any]:
    """Speak with the user and the variables of the image and without a network. Then run its program as Docker does."""
    closed = replace(stage.environment, python=IMAGE_PYTHON, prefix=(*CLOSED_NETWORK, *stage.environment.prefix))
    result = speak(closed, "", folder, "image")
    if code := closed.run("sh", "-c", RUN_UNTIL_HEALTHY, "sh", shlex.join(stage.health_check), *stage.entrypoint):
        result["problems"].append(f"the program of the image ended with {code}")
    return {"platform": "image", "extras": "", "seconds": {}, **result}


def save(result: dict[str, Any]) -> None:
    """Add `result` to the file of results, in place of an older one of the same name."""
    old = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []
    results = [other for other in old if other["name"] != result["name"]] + [result]
    text = json.dumps(sorted(results, key=lambda item: str(item["name"])), indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", "utf-8")


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
