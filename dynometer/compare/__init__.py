"""Two results of one workload side by side: only alike machines, and "no evidence" is an answer."""
