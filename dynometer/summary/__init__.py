"""From raw windows to facts: estimates, curves and observables.  Pure functions of a sweep's result."""
