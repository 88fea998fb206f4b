"""The child process of a `ProcessSession`: `python -m wyoming_kokoro.inference.provider_process SOCKET MEMORY`.

The arguments are descriptors. The process opens one session and runs it until the server closes the socket or ends.
"""

from __future__ import annotations

import faulthandler
import fcntl
import logging
import os
import pickle
import resource
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from wyoming_kokoro.api.providers import Session, shrink
from wyoming_kokoro.inference.tensor_channel import Message, TensorChannel

OOM_SCORE = "500"
"""Of 1000. The kernel then ends this process before the server when memory is short."""


def main() -> None:
    """Open the session and run it until the server ends."""
    _survive_alone()
    connection, memory = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    channel = TensorChannel(connection, memory, is_parent=False)
    session = _open(channel)
    if session is not None:
        _serve(channel, session)
        session.close()
    # Native libraries may crash while they are unloaded.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _survive_alone() -> None:
    """Separate the fate of this process from that of the server, except that it never outlives it."""
    # The server ends this process when it has finished its streams.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # A core dump would take seconds, in which the server does not learn of the crash. The kernel makes none, not even
    # for a program that collects them, if the limit is one byte. A sandbox may forbid this.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
    faulthandler.enable(all_threads=False)
    # Standard input is a pipe of which only the server has the other end. Linux sends SIGIO when it closes, which ends
    # even a process whose main thread never returns. macOS discards SIGIO, so a thread waits there.
    if sys.platform == "linux":
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | fcntl.FASYNC)
    threading.Thread(target=_end_with_server, daemon=True).start()
    logging.basicConfig(level=logging.INFO, format="%(message)s")


def _end_with_server() -> None:
    os.read(0, 1)
    os._exit(0)


def _open(channel: TensorChannel) -> Session | None:
    """Open the session that the server requests and tell the result. Return None if that fails."""
    # The server pickles the provider's function. Its module may need the path.
    sys.path[:], request = pickle.loads(channel.receive_bytes())  # noqa: S301 the sender is the server
    try:
        open_session, file, options = pickle.loads(request)  # noqa: S301
        session: Session = open_session(file, options)
    except Exception as error:  # noqa: BLE001 the server handles it
        channel.send(Message(error=_describe(error)))
        return None
    channel.send(Message(note=str(getattr(session, "note", "")), placement=getattr(session, "placement", None)))
    return session


def _serve(channel: TensorChannel, session: Session) -> None:
    """Answer requests until the server closes the connection."""
    while True:
        try:
            request = channel.receive()
        except EOFError:
            return
        if request.shrinks:
            shrink(session)
        try:
            answer = channel.place(session.run(channel.tensors(request)))
        except Exception as error:  # noqa: BLE001 the server handles it
            answer = Message(error=_describe(error))
        channel.send(answer)


def _describe(error: Exception) -> str:
    return str(error) or repr(error)


if __name__ == "__main__":
    main()
