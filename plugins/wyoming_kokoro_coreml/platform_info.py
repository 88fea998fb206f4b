"""What the plugin must know of the machine, found without importing ONNX Runtime."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib import metadata

MIN_ONNXRUNTIME = (1, 27)
"""The first whose Core ML provider has the sine, which is all over the vocoder."""


@dataclass(frozen=True, slots=True)
class PlatformInfo:
    """The system, and the ONNX Runtime that is installed."""

    system: str
    processor: str
    macos: str
    """The version of macOS; empty elsewhere."""
    kernel: str
    """What the kernel says of itself: on a Mac, also which chip it is made for."""
    onnxruntime: str
    """Its version; empty when it is not installed under that name."""

    @classmethod
    def here(cls) -> PlatformInfo:
        """Return this machine."""
        try:
            onnxruntime = metadata.version("onnxruntime")
        except metadata.PackageNotFoundError:
            onnxruntime = ""
        return cls(platform.system(), platform.machine(), platform.mac_ver()[0], platform.version(), onnxruntime)

    @property
    def is_apple_silicon(self) -> bool:
        """Whether there can be a Neural Engine, and this Python can use it."""
        return (self.system, self.processor) == ("Darwin", "arm64")

    @property
    def why_not(self) -> str | None:
        """Why Core ML cannot run the vocoder here, and what to do; None when it can, as far as can be told."""
        version = tuple(int(part) for part in re.findall(r"\d+", self.onnxruntime)[:2])
        if version >= MIN_ONNXRUNTIME:
            return None
        found = self.onnxruntime or "none"
        return f"Sin is not in the Core ML list of the installed onnxruntime ({found}); install 1.27 or newer"

    @property
    def version(self) -> str:
        """What the results and the speed depend on."""
        return f"onnxruntime {self.onnxruntime}, macOS {self.macos}, {self.kernel}"

    @property
    def release(self) -> str:
        """What a compiled model depends on, as a part of a folder's name."""
        return f"ort{self.onnxruntime}-macos{self.macos}"
