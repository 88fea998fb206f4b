"""Rules that reduce text to plain words and signs before all others, mostly the same in every language."""
