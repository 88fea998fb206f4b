"""Home Assistant's response templates, rendered as it renders them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wyoming_kokoro_warmup.template_contexts import TemplateContext

REFUSALS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a template raises in a scene that it is not made for."""
NONE = re.compile(r"\bNone\b")
"""Home Assistant says so, too, when a template knows no word for a thing; nobody needs that in a cache."""


class TemplateRenderer:
    """Renders templates of the package home-assistant-intents."""

    def __init__(self, log: logging.Logger) -> None:
        # What a scene does not have must fail, for it would be left out of the middle of a sentence.
        self._environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
        self._log = log

    def texts(self, source: str, scenes: Iterable[TemplateContext]) -> Iterator[tuple[str, TemplateContext]]:
        """Return what `source` says, with the scene: in those `scenes` that it can be said in."""
        rendered = False
        refusal: Exception | None = None
        try:
            template = self._environment.from_string(source)
            for scene in scenes:
                try:
                    text = " ".join(template.render(scene.variables).split())
                except REFUSALS as error:
                    refusal = error
                    continue
                rendered = True
                if text and not NONE.search(text):
                    yield text, scene
        except jinja2.TemplateError as error:
            refusal = error
        if refusal and not rendered:
            self._log.debug("A response is left out: %s", refusal)
