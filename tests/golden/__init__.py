"""Journals of former releases, and worked examples."""
