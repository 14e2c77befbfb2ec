"""Judges in words: diagnosis, advice, verdict."""
