"""Computes from numbers alone: scaling laws, fits, intervals, comparisons."""
