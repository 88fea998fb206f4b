"""Let the process of a provider fail in the middle of sentences, and count what a listener loses.

    python -m tools.providers.provider_crashes [--count N] [--fault SIGSEGV|SIGABRT|hang|leak|NaN|...]

The vocoder runs on a provider in a process of its own, which fails again and again, and returns two seconds later.
Every sentence must be as long as without a failure and have no gap of more than 0.3 s. After the failures of the first
tenth, the server must not grow. Prints one line of JSON; the exit code is 1 if a condition is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools.load.server_process import ProcessStats, find_internal_errors, isolate
from tools.load.speech_client import SPOKEN, SpeechAnswer, request_speech
from tools.measure.household_server import HouseholdServer, serving
from tools.providers.faulty_provider import BACKOFF_SECONDS, FAULTS
from wyoming_kokoro.config import Config

TEXT = "The washing machine has finished, and the garage door has been open for ten minutes now."
MAX_GAP_SECONDS = 0.3
MAX_DIFFERENCE_SECONDS = 0.02
"""The CPU may compute in int8 while the provider computes in float, so the end of the speech moves a little."""
MAX_GROWTH_MB = 10.0
WAIT_SECONDS = 300.0
INTACT_SENTENCES = 10
FAULTY_WINDOWS = (0, 1, 2, 5, 9)
"""The first ones are also the first of their process. The sentence has about 20 windows."""


def main() -> int:
    """Run the failures, print the report and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, metavar="N", help="failures; default: 100")
    parser.add_argument("--fault", choices=FAULTS, default="SIGSEGV", help="default: SIGSEGV")
    options = parser.parse_args()
    config = Config()
    # The results of trials go into a copy of the prepared stages.
    with TemporaryDirectory(dir=config.directories.cache_path) as name:
        folder = Path(name)
        isolated = isolate(config, folder / "server", disabled=["phrase_cache"])
        stages = folder / "server" / "cache" / "stages"
        stages.unlink()
        shutil.copytree(config.directories.cache_path / "stages", stages, copy_function=os.link)
        install_plugin(folder / "site")
        trigger = folder / "fault"
        faulty = replace(
            isolated,
            voice=replace(isolated.voice, quality="full"),
            inference=replace(isolated.inference, provider="faulty"),
            plugins={**isolated.plugins, "faulty": {"trigger": str(trigger)}},
            log_level="info",
        )
        with serving(faulty) as server:
            report = run_failures(server, trigger, options.fault, options.count)
            report["late_runs"] = server.log.read_text("utf-8", "replace").count("Provider faulty late")
            report["internal_errors"] = find_internal_errors(server.log)[:5]
    report["passed"] = bool(report["passed"]) and not report["internal_errors"]
    print(json.dumps(report))
    return 0 if report["passed"] else 1


def install_plugin(folder: Path) -> None:
    """Install the faulty provider for child processes of this one."""
    information = folder / "faulty-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1.0\n")
    entry = "[wyoming_kokoro]\nfaulty = tools.providers.faulty_provider:FaultyPlugin\n"
    (information / "entry_points.txt").write_text(entry)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), str(Path.cwd())])


def run_failures(server: HouseholdServer, trigger: Path, fault: str, count: int) -> dict[str, object]:
    """Speak until the provider has failed `count` times, and return the report."""
    port, pid_file = server.ready(), trigger.with_suffix(".pid")
    expected = asyncio.run(request_speech(port, TEXT)).audio_seconds
    server.child.wait_for_log("Provider faulty added")
    intact = [asyncio.run(request_speech(port, TEXT)).gap_seconds for _ in range(INTACT_SENTENCES)]
    answers, stats = [], list[ProcessStats]()
    for number in range(count):
        provider = pid_file.read_text()
        trigger.write_text(f"{FAULTY_WINDOWS[number % len(FAULTY_WINDOWS)]} {fault}")
        deadline = time.monotonic() + WAIT_SECONDS
        # The server finds in the next run that a provider hung. On a busy machine, the CPU takes over late windows, so
        # that the provider may need several sentences to fail.
        while pid_file.read_text() in ("", provider):
            if time.monotonic() > deadline:
                raise SystemExit("provider_crashes: the provider did not return")
            answers.append(asyncio.run(request_speech(port, TEXT)))
            server.must_run()
        time.sleep(BACKOFF_SECONDS)
        stats.append(ProcessStats.of(server.process.pid))
    # Without these gaps, which other programs may cause, the next ones say nothing.
    return {"max_gap_without_failures": round(max(intact), 3), **summarize(answers, stats, expected)}


def has_grown(counts: Sequence[int]) -> bool:
    """Return whether all counts of the last third are above those of the first one. Single connections come and go."""
    third = max(1, len(counts) // 3)
    return min(counts[-third:]) > max(counts[:third])


def summarize(answers: list[SpeechAnswer], stats: list[ProcessStats], expected: float) -> dict[str, object]:
    """Return the report."""
    gaps = [answer.gap_seconds for answer in answers]
    whole = [
        answer.outcome == SPOKEN and abs(answer.audio_seconds - expected) <= MAX_DIFFERENCE_SECONDS
        for answer in answers
    ]
    settled = stats[len(stats) // 10]
    growth = stats[-1].rss_mb - settled.rss_mb
    has_leak = has_grown([each.files for each in stats]) or has_grown([each.children for each in stats])
    return {
        "passed": all(whole) and max(gaps) <= MAX_GAP_SECONDS and growth <= MAX_GROWTH_MB and not has_leak,
        "sentences": len(answers),
        "failures": len(stats),
        "whole_sentences": sum(whole),
        "incomplete": [
            f"{answer.outcome} ({answer.audio_seconds:.2f} of {expected:.2f} s)"
            for answer, is_whole in zip(answers, whole, strict=True)
            if not is_whole
        ],
        "max_gap_seconds": round(max(gaps), 3),
        "sentences_with_a_gap": sum(gap > 0 for gap in gaps),
        "median_ttfa_seconds": round(median(answer.ttfa or 0 for answer in answers), 3),
        "max_ttfa_seconds": round(max(answer.ttfa or 0 for answer in answers), 3),
        "growth_mb": round(growth, 1),
        "before": asdict(settled),
        "after": asdict(stats[-1]),
    }


if __name__ == "__main__":
    sys.exit(main())
