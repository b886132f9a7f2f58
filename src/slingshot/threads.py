"""How the threads of torch and llama.cpp wait for each other."""

import os

# GNU OpenMP's threads spin while they wait. Its default of billions of turns makes training and answering
# ten times slower and worse as soon as anything else wants a core; sleeping at once costs a few percent.
# 30,000 turns are as fast as any on a quiet machine and nearly as fast as the best on a busy one
# (benchmarks/training.py measures it).
_SPIN_COUNT = ("GOMP_SPINCOUNT", "30000")


def patient_threads() -> None:
    """Let OpenMP's threads of this process and its children spin briefly; what the user set stays.

    It must be called before torch is imported: the library reads the setting once, when it is loaded.
    """
    os.environ.setdefault(*_SPIN_COUNT)
