"""How many servers a load needs: queueing formulas, and a simulation to check them."""
