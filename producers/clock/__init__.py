"""The clock: time passes by a fact."""
