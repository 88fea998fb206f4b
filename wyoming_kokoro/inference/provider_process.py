"""The module that the child process of a `ProcessSession` runs, with the arguments SOCKET and MEMORY.

The arguments are descriptors. The process opens one session and runs it until the server closes the socket or ends.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import pickle
import resource
import signal
import socket
import sys
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
    """Separate the fate of this process from that of the server; `storage.child` ends it with the server."""
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
    logging.basicConfig(level=logging.INFO, format="%(message)s")


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
