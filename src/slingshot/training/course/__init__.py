"""What a training leaves on its way: steps and charts, checkpoints, validation, several processes."""
