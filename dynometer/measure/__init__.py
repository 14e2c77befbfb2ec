"""Measures: plans, windows, validity, machine facts, result files."""
