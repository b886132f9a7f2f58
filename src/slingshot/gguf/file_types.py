"""The types of whole files that llama.cpp knows, and which of them ask for an importance matrix."""

from slingshot.errors import RequestError, suggest

# Name and number of each in llama.cpp's header, `llama_ftype`. NVFP4 and Q1_0 are left out: the quantizer has no
# mixture of its own for them.
FILE_TYPES = {
    "f32": 0,
    "f16": 1,
    "bf16": 32,
    "Q8_0": 7,
    "Q6_K": 18,
    "Q5_K_M": 17,
    "Q5_K_S": 16,
    "Q5_1": 9,
    "Q5_0": 8,
    "Q4_K_M": 15,
    "Q4_K_S": 14,
    "Q4_1": 3,
    "Q4_0": 2,
    "IQ4_NL": 25,
    "IQ4_XS": 30,
    "Q3_K_L": 13,
    "Q3_K_M": 12,
    "Q3_K_S": 11,
    "IQ3_M": 27,
    "IQ3_S": 26,
    "IQ3_XS": 22,
    "IQ3_XXS": 23,
    "Q2_K": 10,
    "Q2_K_S": 21,
    "IQ2_M": 29,
    "IQ2_S": 28,
    "IQ2_XS": 20,
    "IQ2_XXS": 19,
    "IQ1_M": 31,
    "IQ1_S": 24,
    "TQ2_0": 37,
    "TQ1_0": 36,
    "MXFP4_MOE": 38,
}
WHOLE = ("f32", "f16", "bf16")  # what a model is converted to; the others are quantized from one of these
NEEDS_IMATRIX = frozenset(
    {"Q2_K_S", "IQ3_XS", "IQ3_XXS", "IQ2_M", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S"}
)
# What makes no sense of most models, and is said when such a file is written.
NOTES = {
    "TQ2_0": "keeps -1, 0 and 1 of each weight: for models that were trained so, garbage of others",
    "TQ1_0": "keeps -1, 0 and 1 of each weight: for models that were trained so, garbage of others",
    "MXFP4_MOE": "quantizes the experts of a mixture to MXFP4 and all else to Q8_0: of other models it is a Q8_0",
}

_NAMES = {number: name for name, number in FILE_TYPES.items()}


def known_type(text: str) -> str:
    """A file type's name as this program writes it, from any mixture of capitals.

    Raises:
        RequestError: there is no such type.
    """
    for name in FILE_TYPES:
        if name.lower() == text.strip().lower():
            return name
    raise RequestError(f"quantization {text}: unknown type{suggest(text, FILE_TYPES)}")


def type_of_number(number: object) -> str:
    """The name of a `general.file_type`; of a number that is not listed here, `type N`."""
    return _NAMES.get(number, f"type {number}") if isinstance(number, int) else "unknown"
