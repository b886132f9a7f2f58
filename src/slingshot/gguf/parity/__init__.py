"""Do adapter, merged model and GGUF files say the same? Template, tokens, and what is likely after every token.

forms.py forms and prompts, config.py how much may differ; folders.py and files.py read a form, llama_logits.py is
llama.cpp in a process of its own; texts.py and agreement.py compare two readings; measure.py goes through all forms.
"""

from slingshot.gguf.parity.agreement import Agreement, Divergence, Measured
from slingshot.gguf.parity.config import ParityConfig, Thresholds
from slingshot.gguf.parity.forms import Form, Prompt, choose_prompts, folder_form, gguf_form, trained_form
from slingshot.gguf.parity.measure import compare_forms, measure_parity
from slingshot.gguf.parity.report import ParityReport
from slingshot.gguf.parity.table import print_parity
from slingshot.gguf.parity.texts import TextDifference

__all__ = [
    "Agreement",
    "Divergence",
    "Form",
    "Measured",
    "ParityConfig",
    "ParityReport",
    "Prompt",
    "TextDifference",
    "Thresholds",
    "choose_prompts",
    "compare_forms",
    "folder_form",
    "gguf_form",
    "measure_parity",
    "print_parity",
    "trained_form",
]
