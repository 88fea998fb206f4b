from __future__ import annotations

from dataclasses import fields, replace

import pytest

from wyoming_kokoro.model.fingerprint import Recipe


@pytest.mark.parametrize("changed", [field.name for field in fields(Recipe)])
def test_recipe_digest_changes_with_every_parameter(changed: str) -> None:
    recipe = Recipe.current()
    other = {"data": ("another digest",)}.get(changed, 17)
    assert replace(recipe, **{changed: other}).digest != recipe.digest  # type: ignore[arg-type]
