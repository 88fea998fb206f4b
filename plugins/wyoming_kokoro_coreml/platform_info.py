"""The facts about this machine that Core ML depends on, found without importing ONNX Runtime."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib import metadata

# The first release whose Core ML provider supports Sin, which the vocoder uses everywhere.
MIN_ONNXRUNTIME = (1, 27)


@dataclass(frozen=True, slots=True)
class PlatformInfo:
    """The operating system and the installed ONNX Runtime."""

    system: str
    processor: str
    macos: str
    """The version of macOS; empty elsewhere."""
    kernel: str
    """The kernel's version text, which names the chip on a Mac."""
    onnxruntime: str
    """The version; empty if no distribution of that name is installed."""

    @classmethod
    def here(cls) -> PlatformInfo:
        """Return the facts about this machine."""
        try:
            onnxruntime = metadata.version("onnxruntime")
        except metadata.PackageNotFoundError:
            onnxruntime = ""
        return cls(platform.system(), platform.machine(), platform.mac_ver()[0], platform.version(), onnxruntime)

    @property
    def is_apple_silicon(self) -> bool:
        """Whether this is a Mac with a Neural Engine, and Python runs without Rosetta."""
        return (self.system, self.processor) == ("Darwin", "arm64")

    @property
    def unavailable_reason(self) -> str | None:
        """Why Core ML cannot run the vocoder here, and what to do; None if nothing is known to prevent it."""
        version = tuple(int(part) for part in re.findall(r"\d+", self.onnxruntime)[:2])
        if version >= MIN_ONNXRUNTIME:
            return None
        found = self.onnxruntime or "none"
        return f"Core ML lacks Sin in the installed onnxruntime: {found}; install 1.27 or newer"

    @property
    def version(self) -> str:
        """Everything that can change the results or the speed."""
        return f"onnxruntime {self.onnxruntime}, macOS {self.macos}, {self.kernel}"

    @property
    def release(self) -> str:
        """Everything that a compiled graph depends on, as part of a folder's name."""
        return f"ort{self.onnxruntime}-macos{self.macos}"
