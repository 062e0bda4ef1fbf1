"""Finance: the month, every visit with its price, what waits for a person, and why each fen."""
