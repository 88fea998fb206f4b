"""Small models that sound like one Kokoro voice each, for a thirtieth of the full model's work."""
