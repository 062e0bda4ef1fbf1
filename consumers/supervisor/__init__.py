"""Supervisor: what was refused, what could not be read, what is owed and late."""
