"""IPA in text, which no text filter and no phonemizer changes."""
