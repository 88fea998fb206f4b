"""Rules for whitespace between and inside lines."""

from __future__ import annotations

from wyoming_kokoro_text.rules import Rule

CHARACTERS = (
    # Rules that match whitespace take linear time because of these: no later rule finds long runs of it.
    Rule(r"[^\S\n]+", " ", any="two \t\u00a0 words => two words"),
    Rule(r" ?\n ?", "\n", any="two \n lines => two lines"),
    Rule(r"\n{3,}", "\n\n", any="two\n\n\n\nparagraphs => two paragraphs"),
)
