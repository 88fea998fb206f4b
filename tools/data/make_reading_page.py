"""Write docs/reading.md from the rules of the text plugin and their examples.

python -m tools.data.make_reading_page
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

from wyoming_kokoro_text.languages import LANGUAGES, load_language
from wyoming_kokoro_text.rules import ANY, Example, Rule
from wyoming_kokoro_text.steps import STEPS, Step

PAGE = Path(__file__).parents[2] / "docs" / "reading.md"
INTRODUCTION = """\
# How text is read

<!-- `python -m tools.data.make_reading_page` writes this page from the examples of the rules. -->

Before the phonemizer of a language reads a text, rules replace numbers with units, dates, signs, abbreviations and
markup by words. The rules run in the order of this page. Each line is an example of one rule: as written, and as the
phonemizer receives it after all rules. The tests check every line. [Add a rule][add] if a
text is read wrong. For a single word, use the [lexicon](languages.md#correct-a-word).

[add]: https://github.com/wyoming-kokoro/wyoming-kokoro/blob/main/CONTRIBUTING.md#add-a-rule
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(format_page(), "utf-8")


def format_page() -> str:
    """Return the text of the page."""
    return "\n".join([INTRODUCTION, *(format_step(step) for step in STEPS)])


def format_step(step: Step) -> str:
    """Return the section of `step`."""
    rows = (
        f"| {'all' if language == ANY else language} | {_code(written)} | {_code(spoken)} |"
        for language, written, spoken in examples_of(step)
    )
    title = f"## {step.name.capitalize()}"
    return "\n".join([title, "", step.description, "", "| language | written | spoken |", "|---|---|---|", *rows, ""])


def examples_of(step: Step) -> tuple[Example, ...]:
    """Return each example of `step` once, in the order of the rules."""
    examples = [example for _, rule in rules_by_language(step) for example in rule.examples]
    examples += [example for code in LANGUAGES for example in load_language(code).more_examples(step.name)]
    return tuple(dict.fromkeys(examples))


def rules_by_language(step: Step) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of `step` with the language of the filter that contains them, or `any`."""
    for rule in step.for_every_language:
        yield ANY, rule
    for code in LANGUAGES:
        for rule in step.rules(load_language(code)):
            yield code, rule


def _code(text: str) -> str:
    if not text:
        return "(nothing)"
    shown = text.replace("\n", "⏎").replace("\t", "⇥")
    return f"<code>{html.escape(shown, quote=False).translate(_ENTITIES)}</code>"


# Markdown would take the first for markup. The last are invisible.
_ENTITIES = {
    ord(character): f"&#{ord(character)};" for character in "\\`*_[]|~#:!\u00a0\u00ad\u200b\u200d\u202f\u2060\ufe0f"
}


if __name__ == "__main__":
    main()
