"""The simulation: the shipped engine and store in a model world, histories by seed, invariants at the end."""
