"""The accelerators on which ONNX Runtime can run the vocoder.

TensorRT is left out: it builds an engine for every shape, which takes minutes. DirectML is left out: it is for Windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path

ROCM = "AMD's ROCm in the version of that build"


@dataclass(frozen=True, slots=True)
class Accelerator:
    """An execution provider that needs its own build of ONNX Runtime."""

    name: str
    execution_provider: str
    """ONNX Runtime's name for it."""
    distribution: str
    """The package to install instead of `onnxruntime`."""
    priority: int
    fixed_shapes: bool
    """Whether it compiles again, or fails, when a shape changes."""
    needs: str
    """What else must be installed, for an error message."""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def library(self) -> str:
        """The path of its code in the package `onnxruntime`."""
        return f"capi/libonnxruntime_providers_{self.name}.so"

    @property
    def is_installed(self) -> bool:
        """Whether the package `onnxruntime`, which every build has, contains the library. It is not imported."""
        found = util.find_spec("onnxruntime")
        return found is not None and (Path(found.origin or "").parent / self.library).is_file()

    @property
    def version(self) -> str:
        """Name and version of the distribution, or else of a custom build named `onnxruntime`."""
        for name in (self.distribution, "onnxruntime"):
            with suppress(metadata.PackageNotFoundError):
                return f"{name} {metadata.version(name)}"
        return ""


ACCELERATORS = (
    Accelerator(
        "cuda",
        "CUDAExecutionProvider",
        "onnxruntime-gpu",
        priority=60,
        fixed_shapes=False,
        needs="NVIDIA's driver and the packages of pip install 'onnxruntime-gpu[cuda,cudnn]'",
        options={
            # The default tries every algorithm whenever a shape changes: a run takes 142 ms instead of 17 ms.
            "cudnn_conv_algo_search": "HEURISTIC",
            # The default doubles the arena when it grows, but other programs need the GPU's memory too.
            "arena_extend_strategy": "kSameAsRequested",
            # TF32 has only the mantissa of float16, but the provider promises float.
            "use_tf32": "0",
        },
    ),
    Accelerator(
        "migraphx", "MIGraphXExecutionProvider", "onnxruntime-migraphx", priority=58, fixed_shapes=True, needs=ROCM
    ),
    Accelerator("rocm", "ROCMExecutionProvider", "onnxruntime-rocm", priority=56, fixed_shapes=False, needs=ROCM),
)
