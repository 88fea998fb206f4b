"""Variables of response templates, with their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class DeviceState:
    """A device as templates see it. Like the state objects of Home Assistant, it does not equal a string."""

    name: str = ""
    domain: str = ""
    state: str = ""
    unit: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def entity_id(self) -> str:
        """The argument that templates pass to `state_attr`."""
        return f"{self.domain}.device"

    @property
    def state_with_unit(self) -> str:
        """The untranslated state, with its unit if it has one."""
        return f"{self.state} {self.unit}" if self.unit else self.state


class ComparableState(DeviceState):
    """A state that equals its string. Some templates compare it with a string, since their tests use strings."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self.state == other

    def __hash__(self) -> int:
        return hash(self.state)


@dataclass(frozen=True, slots=True)
class TemplateContext:
    """The variables of a template."""

    share: float
    """The part of the uses of the template that have these variables."""
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Household:
    """The names of the configuration, and words of the language."""

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Device names by kind, the most requested first."""
    areas: Sequence[str] = ()
    fahrenheit: bool = False
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Words for the value of a slot, by the list name in the sentences of Home Assistant."""


# Returns the contexts of a response, by its key, such as `one_yesno`.
ContextFactory = Callable[[Household, str], Iterable[TemplateContext]]


def make_context(
    share: float,
    slots: Mapping[str, object] | None = None,
    matched: Sequence[DeviceState] = (),
    unmatched: Sequence[DeviceState] = (),
) -> TemplateContext:
    """Return a context with the variables that Home Assistant passes to all responses."""
    state = next(iter((*matched, *unmatched)), None)

    def state_attr(_: str, name: str) -> object:
        return state.attributes.get(name) if state else None

    query = {"matched": matched, "unmatched": unmatched}
    return TemplateContext(share, {"slots": slots or {}, "state": state, "query": query, "state_attr": state_attr})


def empty_context(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a ContextFactory
    """Return one context without values, for a response that never changes."""
    yield make_context(1.0)


def weigh_by_rank(values: Iterable[T]) -> Iterator[tuple[T, float]]:
    """Return each value with its weight: 1 for the first, 1/2 for the second, 1/3 for the third."""
    for rank, value in enumerate(values, 1):
        yield value, 1.0 / rank


def normalize(weights: Mapping[Any, float]) -> dict[Any, float]:
    """Return `weights` scaled to a sum of 1."""
    total = sum(weights.values())
    return {value: weight / total for value, weight in weights.items()}


def bell_curve(values: Iterable[float], center: float, width: float) -> dict[float, float]:
    """Return weights with a sum of 1: half of the maximum at `width` from `center`, a sixteenth at twice the width."""
    return normalize({value: 2.0 ** -(((value - center) / width) ** 2) for value in values})


def sensor_readings(values: Iterable[float], center: float, width: float) -> dict[str, float]:
    """Return the values as text, with the weights of a bell curve."""
    return {str(value): share for value, share in bell_curve(values, center, width).items()}
