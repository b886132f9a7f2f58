"""How the threads of torch and llama.cpp wait for each other."""

import os

# GNU OpenMP's threads spin while they wait. Its default of billions of turns makes training three times
# slower, and answering worse still, as soon as anything else wants a core; sleeping at once costs a tenth on a
# quiet machine. A thousand turns lose nothing on a quiet machine and keep half of the speed beside a process
# that never rests (benchmarks/training.py --waiting measures it).
_SPIN_COUNT = ("GOMP_SPINCOUNT", "1000")


def patient_threads() -> None:
    """Let OpenMP's threads of this process and its children spin briefly; what the user set stays.

    It must be called before torch is imported: the library reads the setting once, when it is loaded.
    """
    os.environ.setdefault(*_SPIN_COUNT)
