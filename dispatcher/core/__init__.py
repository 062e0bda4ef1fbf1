"""The pure desk: `decide(desk, fact, now)` and `evolve(desk, row)`."""
