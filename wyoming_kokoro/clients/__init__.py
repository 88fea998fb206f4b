"""Which clients the server knows, and the fair share of each."""
