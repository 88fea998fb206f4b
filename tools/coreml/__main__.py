"""Check on any machine that Core ML would run the vocoder and ALBERT, each as one ML program.

    python -m tools.coreml [--model FILE] [--cache DIR]

Prints JSON. The exit code is 1 if Core ML would refuse a graph, or if those graphs do too little of the work.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from tools.coreml.report import create_report
from wyoming_kokoro.config import load_config
from wyoming_kokoro.errors import KokoroError


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report and return the exit code. Takes about 15 s."""
    parser = argparse.ArgumentParser(prog="tools.coreml", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", help="a kokoro-onnx v1.0 model file; default: the installed one")
    parser.add_argument("--cache", metavar="DIR", help="the cache directory; default: that of the server")
    options = parser.parse_args(arguments)
    settings = {("model", "path"): options.model, ("directories", "cache"): options.cache}
    try:
        report = create_report(load_config(None, os.environ, {key: text for key, text in settings.items() if text}))
    except KokoroError as error:
        print(f"tools.coreml: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"coreml": report.to_json()}, indent=2))
    return 1 if report.problem else 0


if __name__ == "__main__":
    sys.exit(main())
