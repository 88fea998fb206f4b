"""The notification socket of systemd: sd_notify(3)."""

from __future__ import annotations

import logging
import socket


class Notifier:
    """Sends notifications to systemd. The first of a series of failures is logged as a warning."""

    def __init__(self, address: str, log: logging.Logger) -> None:
        """`address` is `$NOTIFY_SOCKET`: a path, or `@` and the name of an abstract socket."""
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._log = log
        self._is_failing = False

    def notify(self, *assignments: str) -> None:
        """Send assignments such as `READY=1` in one message. Never blocks and never fails."""
        # A line break would start another assignment.
        message = "\n".join(" ".join(assignment.split()) for assignment in assignments)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as sock:
                sock.sendto(message.encode(), self._address)
        except OSError as error:
            level = logging.DEBUG if self._is_failing else logging.WARNING
            self._log.log(level, "Notification of systemd failed (%s)", error.strerror or error)
            self._is_failing = True
        else:
            self._is_failing = False
