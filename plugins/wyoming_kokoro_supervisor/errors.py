"""What the Supervisor may answer instead of yes."""

from __future__ import annotations


class SupervisorUnreachable(Exception):
    """The Supervisor does not answer, or not yet: asking again may help."""


class DiscoveryRejected(Exception):
    """The Supervisor will never take this message."""
