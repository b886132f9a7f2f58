"""How rows go through the model together: shared prompts, sequences, the plan of all steps."""
