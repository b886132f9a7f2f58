"""Training in several processes, on one machine or on several, as a recipe's `launch` section says it."""
