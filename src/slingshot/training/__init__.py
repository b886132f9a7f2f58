"""Learning it: LoRA fine-tuning of a small model on a CPU, and the merge of the adapter into its base."""

from slingshot.threads import patient_threads

patient_threads()  # here, because every module of this package imports torch
