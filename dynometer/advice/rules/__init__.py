"""Rows 0 to 18 of the science's table of advice, one function each, and what stays when none of them applies."""
