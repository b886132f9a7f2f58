"""The parts of merging: weights on disk, what an adapter changes of them, and the rest through peft."""
