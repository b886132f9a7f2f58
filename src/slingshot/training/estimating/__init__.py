"""What a training takes: operations, memory, seconds and dollars, before it begins."""
