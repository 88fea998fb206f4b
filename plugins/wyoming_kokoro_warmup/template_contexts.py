"""What Home Assistant may have before it when it words an answer: slots, and the states of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class DeviceState:
    """A device as a template sees it. Like Home Assistant's, it equals no text."""

    name: str = ""
    domain: str = ""
    state: str = ""
    unit: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def entity_id(self) -> str:
        """What `state_attr` is asked with."""
        return f"{self.domain}.device"

    @property
    def state_with_unit(self) -> str:
        """Return the state as Home Assistant keeps it, not translated, with the unit if it has one."""
        return f"{self.state} {self.unit}" if self.unit else self.state


class ComparableState(DeviceState):
    """A state that equals its word, as some templates take for granted: those who wrote them tested with such."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self.state == other

    def __hash__(self) -> int:
        return hash(self.state)


@dataclass(frozen=True, slots=True)
class TemplateContext:
    """The variables of a template, and how likely they are."""

    share: float
    """Of all the times that the template is used."""
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Household:
    """What is known about the house and its language."""

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of the devices, by kind, those that are asked about most first."""
    areas: Sequence[str] = ()
    shopping: Sequence[str] = ()
    """What is put on the list, the most frequent first."""
    fahrenheit: bool = False
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What one may say for the value of a slot, by the name that Home Assistant's sentences have for the list."""


Grammar = Callable[[Household, str], Iterable[TemplateContext]]
"""Returns the scenes of a response, by its key, such as `one_yesno`."""


def context(
    share: float,
    slots: Mapping[str, object] | None = None,
    matched: Sequence[DeviceState] = (),
    unmatched: Sequence[DeviceState] = (),
) -> TemplateContext:
    """Return a scene with the variables that Home Assistant gives to every response."""
    state = next(iter((*matched, *unmatched)), None)

    def state_attr(_: str, name: str) -> object:
        return state.attributes.get(name) if state else None

    query = {"matched": matched, "unmatched": unmatched}
    return TemplateContext(share, {"slots": slots or {}, "state": state, "query": query, "state_attr": state_attr})


def plain(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a grammar is asked with both
    """Return one scene in which nothing is known: enough for an answer that never changes."""
    yield context(1.0)


def ranked(names: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Return each name with how often it is asked about, the first being asked about once."""
    for place, name in enumerate(names, 1):
        yield name, 1.0 / place


def spread(weights: Mapping[Any, float]) -> dict[Any, float]:
    """Return `weights` as shares of one."""
    total = sum(weights.values())
    return {value: weight / total for value, weight in weights.items()}


def bell(values: Iterable[float], middle: float, width: float) -> dict[float, float]:
    """Return shares of one that fall off around `middle`; at twice the `width` there is little left."""
    return spread({value: 2.0 ** -(((value - middle) / width) ** 2) for value in values})
