"""Wallboard: times as percentiles with denominators, and the wall that shows them."""
