"""Learning it: LoRA fine-tuning of a small model on a CPU, and the merge of the adapter into its base."""

import os

from slingshot.files import cache_folder
from slingshot.threads import patient_threads

patient_threads()  # here, because every module of this package imports torch
# Here too: some packages, once imported, make torch decide on a folder of its own.
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder() / "compiled"))
