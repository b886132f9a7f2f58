"""One step: the model, its loss and gradients, and the optimizer."""
