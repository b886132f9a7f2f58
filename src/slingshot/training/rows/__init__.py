"""What is learned: files become conversations, conversations tokens and labels."""
