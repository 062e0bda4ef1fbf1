"""Switches on the lights: settings, wires, command line, parts, migrations, browser assets."""
