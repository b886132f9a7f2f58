"""Learning it: LoRA fine-tuning of a small model on a CPU, and the merge of the adapter into its base."""

import os

# GNU OpenMP's threads spin while they wait for each other. Its default of billions of turns makes training
# ten times slower as soon as anything else wants a core; sleeping at once (OMP_WAIT_POLICY=PASSIVE) costs a
# few percent. 30,000 turns are as fast as any on a quiet machine and nearly as fast on a busy one. It must
# be set before torch is imported, which the modules of this package do.
os.environ.setdefault("GOMP_SPINCOUNT", "30000")
