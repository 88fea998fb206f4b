"""The program: `wyoming-kokoro`, or `python -m wyoming_kokoro`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run one command and return its exit code, also if the user interrupts it."""
    try:
        # Most of the first half second is spent here.
        from wyoming_kokoro.cli.main import main as run_command  # noqa: PLC0415

        return run_command()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
