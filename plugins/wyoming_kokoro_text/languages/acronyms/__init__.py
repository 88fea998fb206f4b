"""The acronyms and codes of each language."""
