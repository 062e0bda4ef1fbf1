"""The words of 六助: facts, decisions, tables, reasons. Imports nothing of ours."""
