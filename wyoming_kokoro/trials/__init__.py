"""Measures each provider once and remembers the result.

It may import `inference` and the packages below it.
"""
