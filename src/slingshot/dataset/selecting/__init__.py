"""From recordings to the chosen ones: filters, order, strategy, splits."""
