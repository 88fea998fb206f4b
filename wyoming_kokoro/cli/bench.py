"""`bench`: compare this server with plain kokoro-onnx or with another Wyoming server."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from wyoming_kokoro.cli.parsers import Commands
from wyoming_kokoro.config import Config


def add_parser(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("bench", "compare speed and memory with plain kokoro-onnx", run, has_json=True)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="measurements per phrase; default: 5")
    parser.add_argument("--against", metavar="URI", help="another Wyoming server, instead of kokoro-onnx")


def run(config: Config, options: argparse.Namespace) -> int:
    """Print the comparison. Raises `StartupError` and `ConfigError`."""
    from wyoming_kokoro.bench.compare import TEXTS, run_bench
    from wyoming_kokoro.bench.processes import interrupt_on_sigterm
    from wyoming_kokoro.bench.report import format_report

    with interrupt_on_sigterm():
        report = run_bench(config, TEXTS, options.rounds, options.against)
    print(json.dumps(asdict(report), indent=2) if options.json else format_report(report))
    return 0
