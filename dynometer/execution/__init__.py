"""Execution models: ways to spread calls over workers, one file each."""
