"""Errors of a request to the Supervisor. This module is separate from `api`, which imports aiohttp."""

from __future__ import annotations


class SupervisorUnreachable(Exception):
    """The Supervisor does not answer, or answers with a server error. A retry may succeed."""


class DiscoveryRejected(Exception):
    """The Supervisor rejects the message. A retry cannot succeed."""
