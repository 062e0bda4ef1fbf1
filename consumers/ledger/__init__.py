"""Ledger: double entry in whole fen, append-only."""
