"""`python -m wyoming_kokoro`."""

from __future__ import annotations

import sys

from wyoming_kokoro.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
