"""Consumers remember and show: records, ledger, notices, wallboard, finance."""
