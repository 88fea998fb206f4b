"""Holds the words of each language, one module a language."""
