"""Finds when each word of a text is spoken."""
