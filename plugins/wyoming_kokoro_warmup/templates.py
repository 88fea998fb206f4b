"""Renders response templates as Home Assistant does."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wyoming_kokoro_warmup.template_contexts import TemplateContext

# What a template raises in a context for which it is not written.
RENDER_ERRORS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# Templates render None for a word that they do not know.
NONE = re.compile(r"\bNone\b")


class TemplateRenderer:
    """Renders templates of the package home-assistant-intents."""

    def __init__(self, log: logging.Logger) -> None:
        # A missing variable must fail, or the sentence would have a gap.
        self._environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
        self._log = log

    def render(self, source: str, contexts: Iterable[TemplateContext]) -> Iterator[tuple[str, TemplateContext]]:
        """Yield each text that the template `source` gives, with its context. Contexts that do not fit are skipped."""
        has_rendered = False
        failure: Exception | None = None
        try:
            template = self._environment.from_string(source)
            for context in contexts:
                try:
                    text = " ".join(template.render(context.variables).split())
                except RENDER_ERRORS as error:
                    failure = error
                    continue
                has_rendered = True
                if text and not NONE.search(text):
                    yield text, context
        except jinja2.TemplateError as error:
            failure = error
        if failure and not has_rendered:
            self._log.debug("Response template skipped: %s", failure)
