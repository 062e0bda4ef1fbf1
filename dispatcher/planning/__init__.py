"""Improving a day's plan: pure functions of problem, stopping rule and seed."""
