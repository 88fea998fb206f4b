"""A program that binds a UDP port exclusively until SIGTERM."""

from __future__ import annotations

import json
import signal
import socket
import sys

if __name__ == "__main__":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("", int(sys.argv[1])))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(json.dumps({"blocked": True}), flush=True)  # noqa: T201
        signal.pause()
