"""Types that all layers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[Any]
    FloatArray = npt.NDArray[np.float32]
    Samples = FloatArray
    """Mono samples at `SAMPLE_RATE`, full scale at 1.0."""
    Pcm = npt.NDArray[np.int16]
    """Mono 16-bit samples at `SAMPLE_RATE`."""
else:

    def __getattr__(name: str) -> object:
        """Return one of the types above. `ping` does without numpy, which takes longer to import than all the rest."""
        if name not in ("Array", "FloatArray", "Samples", "Pcm"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import numpy as np  # noqa: PLC0415
        import numpy.typing as npt  # noqa: PLC0415

        floats = npt.NDArray[np.float32]
        globals().update(Array=npt.NDArray[Any], FloatArray=floats, Samples=floats, Pcm=npt.NDArray[np.int16])
        return globals()[name]


SAMPLE_RATE = 24_000
"""Samples per second of all speech."""

Shape = tuple[int, ...]
QualitySetting = Literal["auto", "full", "distilled"]
"""Which kind of model speaks. `auto`: the full model when it is fast enough, else the distilled one."""

OnReady = Callable[[str], None]
"""Receives the name of what is ready. May be called from any thread."""


def ignore(what: object) -> None:
    """Do nothing: the callback of callers that do not need one."""


@dataclass(frozen=True, slots=True)
class Voice:
    """An advertised voice."""

    name: str
    """The name in requests, such as `af_heart`."""
    language: str
    """BCP-47, such as `en-US`. A voice speaks one language."""
    description: str
    """The text in a client's list. The best voice of a language sorts first."""
    grade: str = ""
    """The quality grade that the makers of the voice published, `A` to `F`, or an empty string."""
    base: str = ""
    """The voice or blend that the model uses; empty if that is the voice itself."""
    speed: float = 1.0
    """Multiplies the speed of requests."""
    gain: float = 1.0
    """Linear gain, which normalizes the loudness of voices and includes the volume of a voice alias."""
    quality: QualitySetting | None = None
    """Replaces `[voice] quality`."""
    fallback: Voice | None = None
    """The voice that speaks if no model can speak this one. It has the same language, speed and volume."""

    @property
    def style_name(self) -> str:
        """The voice or blend that the model uses. Voices with the same one share cached speech."""
        return self.base or self.name


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address of this server, or of a load balancer."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Advertised = Address | Literal["own", "none"]
"""What Home Assistant discovers: a load balancer, the server's own addresses, or nothing."""
