"""What people put on a shopping list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from wyoming_kokoro_warmup.template_contexts import Household, TemplateContext, context, ranked

USUAL: Mapping[str, str] = MappingProxyType(
    {
        "en": """
            milk, eggs, bread, butter, bananas, cheese, coffee, toilet paper, chicken, apples, tomatoes, potatoes,
            onions, yogurt, rice, pasta, sugar, flour, salt, orange juice, lettuce, carrots, paper towels, dish soap,
            dog food, cat food, tea, water, cereal, ground beef, bacon, lemons, garlic, avocados, strawberries,
            olive oil, honey, laundry detergent, shampoo, toothpaste, trash bags, batteries, light bulbs, beer, wine,
            chips, cookies, chocolate, ice cream, cream, mushrooms, peppers, cucumbers, broccoli, spinach, fish, ham
        """,
    }
)
"""By language, what is bought most first."""


def usual(language: str) -> list[str]:
    """Return what people who speak a BCP-47 `language` usually buy."""
    listed = USUAL.get(language.partition("-")[0], "")
    return [item.strip() for item in listed.split(",") if item.strip()]


def added(household: Household, key: str) -> Iterator[TemplateContext]:  # noqa: ARG001 a grammar is asked with both
    """Return the scenes of putting something on the list."""
    for item, share in ranked(household.shopping):
        yield context(share, {"item": item})
