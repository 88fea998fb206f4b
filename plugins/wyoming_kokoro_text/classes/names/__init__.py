"""Rules for what stands for other words: abbreviations, acronyms, Roman numerals and codes."""
