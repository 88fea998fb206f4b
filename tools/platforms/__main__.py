"""Install the wheel of a commit on other platforms, and speak there.

    python -m tools.platforms OUT PLATFORM... [--commit COMMIT] [--extras=] [--extras=ja,zh,openai] [--constraints]

A PLATFORM is one of:

    python=PATH   the interpreter PATH, in a new virtual environment
    debian=SUITE  a suite of Debian in a chroot, such as trixie or sid
    arm64         an arm64 Debian, emulated by qemu-user
    image         the steps of the Dockerfile in a chroot, and the image they make; without extras
    systemd       the service in a booted systemd, with the versions of constraints.txt and without extras

Each platform is tried without extras, then with them. No package may need a compiler. The last four need root and
debootstrap, `arm64` needs qemu-user 8.1 or newer and uv, and `image` needs curl. The files are in OUT; delete the
folder of a platform to begin again. `results.json` beside this file gets the results, from which
`python -m tools.platforms.make_table` writes the table in docs/platforms.md. `hear.py` adds what Whisper heard. The
exit code is 1 if a platform has problems.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.platforms import image, service
from tools.platforms.environments import (
    Environment,
    closed_network,
    debian,
    emulated_debian,
    install_debian,
    native,
    unpack_debian_arm64,
)
from tools.platforms.speak import find_problems

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results.json"
SUITE = "trixie"
IMAGE_PYTHON = "/opt/wyoming-kokoro/bin/python"
EXTRAS = ("", "ja,zh,openai,openvino,redis")
CONSTRAINTS = "constraints.txt"
CURL = ("curl", "--silent", "--fail", "--retry", "30", "--retry-connrefused", "--output")
SPEECH = ("http://127.0.0.1:8880/v1/audio/speech", "--json", '{"model": "tts-1", "voice": "nova", "input": "Hello."}')


def main() -> int:
    """Try the platforms one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="OUT")
    parser.add_argument("platforms", nargs="+", metavar="PLATFORM")
    parser.add_argument("--commit", default="HEAD", help="default: HEAD")
    parser.add_argument("--extras", action="append", help="default: none, then all that have packages")
    parser.add_argument("--constraints", action="store_true", help="install the versions of constraints.txt")
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
    """Yield the result with each set of extras."""
    print(f"== {platform}", flush=True)
    if platform == "image":
        yield speak_in_image(image.build(source, folder), folder)
        return
    if platform == "systemd":
        yield speak_as_service(source, wheel, folder)
        return
    environment = open_environment(platform, folder, options)
    for file in (wheel, source / CONSTRAINTS):
        shutil.copy(file, environment.folder)
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
    install += ["--quiet", "--only-binary", ":all:"]
    if options.constraints:
        install += ["--constraint", str(environment.inside / CONSTRAINTS)]
    seconds = {"venv": timed(environment, *make_venv, venv)}
    environment = replace(environment, python=python)
    for extras in options.extras or EXTRAS:
        requirement = f"{environment.inside / wheel.name}{f'[{extras}]' if extras else ''}"
        seconds["install"] = timed(environment, *install, requirement)
        steps = {"platform": kind, "extras": extras, "constraints": options.constraints, "seconds": dict(seconds)}
        emulated = ["--emulated"] if kind == "arm64" else []
        name = [kind, *([CONSTRAINTS] if options.constraints else [])]
        yield {**steps, **speak(environment, extras, folder, name, emulated)}


def open_environment(platform: str, folder: Path, options: argparse.Namespace) -> Environment:
    """Return the environment of `platform`, and install it if it does not exist."""
    kind, _, argument = platform.partition("=")
    if kind == "python":
        return native(argument, folder / Path(argument).resolve().name)
    if kind == "debian":
        install_debian(folder / argument, argument)
        return debian(folder / argument, image.PYTHON)
    if kind == "arm64":
        unpack_debian_arm64(folder / kind, SUITE)
        return emulated_debian(folder / kind, image.PYTHON, options.qemu, options.cpu)
    raise SystemExit(f"unknown platform: {platform}")


def timed(environment: Environment, *words: object) -> float:
    """Run a program and return how many seconds it took. Raises `RuntimeError` if it fails."""
    started = time.monotonic()
    if code := environment.run(*words):
        raise RuntimeError(f"ended with {code}: {' '.join(map(str, words))}")
    return round(time.monotonic() - started, 1)


def speak(
    environment: Environment, extras: str, folder: Path, name_parts: list[str], arguments: list[str]
) -> dict[str, Any]:
    """Run speak.py and return its result. Its files move to the folder `recordings`."""
    shutil.copy(HERE / "speak.py", environment.folder)
    out = environment.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    # The user of the image writes there too.
    out.chmod(0o777)
    command = [environment.python, environment.inside / "speak.py", environment.inside / "out", "--extras", extras]
    environment.run(*command, *arguments)
    result: dict[str, Any] = json.loads((out / "result.json").read_text("utf-8"))
    name = "-".join([*name_parts, *result["python"].split(".")[:2], *([extras] if extras else [])])
    shutil.rmtree(folder / "recordings" / name, ignore_errors=True)
    shutil.copytree(out, folder / "recordings" / name, ignore=shutil.ignore_patterns("cache", "state"))
    return {**result, "name": name}


def speak_in_image(stage: image.BuildStage, folder: Path) -> dict[str, Any]:
    """Run the image, send requests to it, and run it once more with the same volume."""
    volume, log_file = folder / "volume", folder / "image.log"
    shutil.rmtree(volume, ignore_errors=True)
    with closed_network() as network, log_file.open("w+b") as log:
        container = replace(stage.container(network, volume), python=IMAGE_PYTHON)
        with image.run_entrypoint(stage, container, log) as first:
            mp3 = folder / "image.mp3"
            subprocess.run([*network, *CURL, mp3, *SPEECH], check=True)
            result = speak(container, "", folder, ["image"], ["--running"])
        with image.run_entrypoint(stage, container, log) as second:
            pass
    result["other_steps"] |= {
        "healthy": f"{first:.1f} s",
        "healthy with the same volume": f"{second:.1f} s",
        "MP3 by curl": f"{mp3.stat().st_size} bytes",
    }
    result["problems"] += find_problems(log_file.read_text("utf-8"))
    return {"platform": "image", "extras": "", "constraints": True, "seconds": {}, **result}


def speak_as_service(source: Path, wheel: Path, folder: Path) -> dict[str, Any]:
    """Install the service, send requests to it, reload and restart it, and remove it."""
    base = folder / SUITE
    install_debian(base, SUITE)
    root = folder / f"{SUITE}-systemd"
    service.install(root, wheel, source / CONSTRAINTS, base)
    with service.booted(root) as system:
        seconds = timed(system, service.PROGRAM, "service", "install")
        result = speak(system, "", folder, ["systemd"], ["--running"])
        for action in ("reload", "restart"):
            timed(system, "systemctl", action, "wyoming-kokoro")
        timed(system, service.PROGRAM, "ping")
        timed(system, "sh", "-c", f"journalctl --unit wyoming-kokoro --output cat > {system.inside / 'server.log'}")
        unnamed = service.uninstall(system)
    result["other_steps"]["service install"] = f"{seconds} s"
    result["problems"] += find_problems((system.folder / "server.log").read_text("utf-8"))
    result["problems"] += [f"uninstall leaves {file} and does not name it" for file in sorted(unnamed)]
    return {"platform": "systemd", "extras": "", "constraints": True, "seconds": {}, **result}


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
