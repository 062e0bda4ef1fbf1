"""Producers speak: pages, devices, care plans, registers, the clock and the simulated town."""
