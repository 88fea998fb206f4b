"""The abbreviations of each language, by where they stand."""
