"""Learning it: LoRA fine-tuning of a small model on a CPU, and the merge of the adapter into its base."""
