"""Passes tensors between the server and a child process: shared memory for the numbers, a socket for their shapes.

The shared memory has no name. Its size never changes, so neither process can lose pages that the other one reads.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
import select
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np

from wyoming_kokoro.api.providers import DevicePlacement
from wyoming_kokoro.decoding import parse_json
from wyoming_kokoro.types import Array

HALF_BYTES = 32 << 20
"""The capacity in each direction. A window takes 1.3 MB, and pages that are never written take no memory."""
ALIGNMENT_BYTES = 64
MAX_MESSAGE_BYTES = 1 << 20
WAIT_STEPS = 6
"""A timeout passes in this many steps, so that a process that was suspended does not use it up in one."""

_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """Where one tensor lies in the sender's half of the memory."""

    dtype: str
    shape: tuple[int, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Message:
    """A request to run or its answer, or what a session said when it was opened."""

    layout: int = 0
    """The number of the sender's layout of tensors, from 0."""
    places: Mapping[str, TensorPlace] = field(default_factory=dict)
    """The tensors of that layout, when it is new. A window of any size has 170 tensors, which take a while to list."""
    shrinks: bool = False
    """Whether the session shall free spare memory in this run."""
    error: str = ""
    """Why there is no result."""
    note: str = ""
    placement: DevicePlacement | None = None


class TensorChannel:
    """One end of the connection. Used by one thread at a time."""

    def __init__(self, connection: socket.socket, memory: int, *, is_parent: bool) -> None:
        """`memory` is the descriptor from `create_memory`; the caller may close it afterwards."""
        self._socket = connection
        self._memory = mmap.mmap(memory, 2 * HALF_BYTES)
        self._own_half, self._other_half = (0, HALF_BYTES) if is_parent else (HALF_BYTES, 0)
        self._own_layouts: dict[object, tuple[int, list[Array]]] = {}
        self._other_layouts: dict[int, dict[str, Array]] = {}
        self._readable = select.poll()
        self._readable.register(connection, select.POLLIN)

    def place(self, tensors: Mapping[str, Array]) -> Message:
        """Copy `tensors` into the memory, over those of the last call, and return the message that describes them.

        Raises `ValueError` if they are too large.
        """
        key = tuple((name, tensor.dtype, tensor.shape) for name, tensor in tensors.items())
        places: dict[str, TensorPlace] = {}
        if key not in self._own_layouts:
            places = _lay_out(tensors)
            views = [self._view(place, self._own_half) for place in places.values()]
            self._own_layouts[key] = len(self._own_layouts), views
        layout, views = self._own_layouts[key]
        for view, tensor in zip(views, tensors.values(), strict=True):
            view[...] = tensor
        return Message(layout, places)

    def tensors(self, message: Message) -> Mapping[str, Array]:
        """Return views of the tensors of a message from the other end, valid until its next message.

        Raises `KeyError`, `TypeError` or `ValueError` if they do not lie in the memory.
        """
        if message.layout not in self._other_layouts:
            views = {name: self._view(place, self._other_half) for name, place in message.places.items()}
            self._other_layouts[message.layout] = views
        return self._other_layouts[message.layout]

    def _view(self, place: TensorPlace, half: int) -> Array:
        view: Array = np.ndarray(place.shape, place.dtype, self._memory, half + place.offset)
        return view

    def send(self, message: Message) -> None:
        """Send `message`. Raises `OSError`."""
        self.send_bytes(msgspec.json.encode(message))

    def send_bytes(self, content: bytes) -> None:
        """Send any content. Raises `OSError`."""
        self._socket.sendall(_LENGTH.pack(len(content)) + content)

    def receive(self, timeout_seconds: float | None = None) -> Message:
        """Return the next message. Raises the errors of `receive_bytes`."""
        return parse_json(self.receive_bytes(timeout_seconds), Message)

    def receive_bytes(self, timeout_seconds: float | None = None) -> bytes:
        """Return the next content.

        Raises `TimeoutError`, `EOFError` if the other end has closed, `OSError`, and `ValueError` for nonsense.
        """
        step = None if timeout_seconds is None else 1000 * timeout_seconds / WAIT_STEPS
        if not any(self._readable.poll(step) for _ in range(WAIT_STEPS)):
            raise TimeoutError(f"no answer within {timeout_seconds:g} s")
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size))
        if length > MAX_MESSAGE_BYTES:
            raise ValueError(f"message too long: {length} bytes")
        return self._read(length)

    def _read(self, length: int) -> bytes:
        content = bytearray()
        while len(content) < length:
            part = self._socket.recv(length - len(content))
            if not part:
                raise EOFError
            content += part
        return bytes(content)

    def close(self) -> None:
        """Close the connection, which ends the other process."""
        self._socket.close()


def _lay_out(tensors: Mapping[str, Array]) -> dict[str, TensorPlace]:
    places, offset = dict[str, TensorPlace](), 0
    for name, tensor in tensors.items():
        places[name] = TensorPlace(tensor.dtype.str, tensor.shape, offset)
        offset += -(-tensor.nbytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    if offset > HALF_BYTES:
        raise ValueError(f"tensors too large for a process of its own: {offset} bytes; at most {HALF_BYTES}")
    return places


def create_memory() -> int:
    """Return a descriptor of new shared memory for both ends of a channel. Raises `OSError`.

    Without a name it needs no cleaning up after a crash, and no resource tracker: that of Python before 3.13 removes
    segments of other processes. A name would also be limited to 31 bytes on macOS.
    """
    descriptor = _create_on_linux() if sys.platform == "linux" else create_posix_memory()
    os.ftruncate(descriptor, 2 * HALF_BYTES)
    if sys.platform == "linux":
        # Access beyond the end of shrunk memory would end the server with SIGBUS.
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return descriptor


def _create_on_linux() -> int:
    assert sys.platform == "linux"
    # Docker limits /dev/shm to 64 MB, but not this memory.
    return os.memfd_create("wyoming-kokoro", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def create_posix_memory() -> int:
    """Return a descriptor of POSIX shared memory that had a name only for a moment. Raises `OSError`."""
    # The private module of `multiprocessing.shared_memory`, whose public class needs the name and starts a tracker.
    import _posixshmem  # type: ignore[import-not-found]  # noqa: PLC0415 only macOS needs it

    name = f"/wk-{secrets.token_hex(8)}"
    descriptor: int = _posixshmem.shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    _posixshmem.shm_unlink(name)
    return descriptor
