"""What `python -m dynometer` runs: one file per command.  Heavy imports wait until a command runs."""
