"""Texts that look like secrets or addresses, which must not get into a collection that others read."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# Possessive where a text could be read in many ways: what is searched may be anything.
_KINDS = {
    "an API key": r"\bsk[-_](?=[\w-]{0,200}?\d)[\w-]{16,}+",
    "a GitHub token": r"\b(?:gh[opusr]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+)",
    "a GitLab token": r"\bglpat-[\w-]{16,}+",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{20,}+",
    "a Google API key": r"\bAIza[\w-]{30,}+",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a Slack token": r"\bxox[abprs]-[\w-]{10,}+",
    "a web token": r"\beyJ[\w-]{10,}+\.eyJ[\w-]{10,}+\.[\w-]*+",
    "a private key": r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
    "an e-mail address": r"(?<![\w.+-])[\w+-]++(?:\.[\w+-]++)*+@(?:[A-Za-z0-9-]++\.)+[A-Za-z]{2,}+",
}
_ANY = re.compile("|".join(f"(?P<k{number}>{pattern})" for number, pattern in enumerate(_KINDS.values())))
# Names that RFC 2606 keeps free for examples, and the address by which git hosts are reached.
_NOBODYS = re.compile(
    r"@(?:.*\.)?(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost)$|^git@", re.IGNORECASE
)


class PrivateText(NamedTuple):
    """Something that looks private: what it is, the line it stands in (from 1), and how it begins."""

    kind: str
    line: int
    hint: str


def private_texts(text: str) -> Iterator[PrivateText]:
    """What looks like a secret or an address, in its order; addresses that are nobody's are passed over."""
    for found in _ANY.finditer(text):
        kind = list(_KINDS)[int((found.lastgroup or "k0")[1:])]
        if kind == "an e-mail address" and _NOBODYS.search(found.group()):
            continue
        yield PrivateText(kind, text.count("\n", 0, found.start()) + 1, f"{found.group()[:4]}…")
