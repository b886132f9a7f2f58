"""A shared collection: a folder of conversations, one a file, to which many people add.

`FOLDER/TOPIC/DATE-WORDS-HASH.json` is a file of `save_conversation` that says its topic, source, model, licence and
date. What is added has to be fit to learn from: well-formed, free of secrets, with a licence, with Julia that runs,
and not there already. Whatever is not is left out as a whole, and all reasons are said.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from slingshot.dataset.collection.conversations import (
    Found,
    conversations_in,
    open_conversation,
    save_conversation,
)
from slingshot.dataset.collection.private_texts import private_texts
from slingshot.dataset.collection.running import faults_of_programs
from slingshot.dataset.files import Fault, check_messages
from slingshot.dataset.licences import licence_of
from slingshot.dataset.near_duplicates import THRESHOLD, near_duplicates
from slingshot.dataset.normalize import normalized_code
from slingshot.dataset.shingles import shingles
from slingshot.errors import RequestError, suggest
from slingshot.judge import Judge, extract_code
from slingshot.recordings.files import hash_of_messages
from slingshot.recordings.problems import Problem

UNKNOWN_LICENCE = "unknown"
# SPDX identifiers of licences that texts and programs are shared under, and two phrases.
KNOWN_LICENCES = (
    *("CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"),
    *("MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "BSL-1.0"),
    *("MPL-2.0", "EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later"),
    *("LGPL-2.1-or-later", "LGPL-3.0-or-later", "AGPL-3.0-only", "AGPL-3.0-or-later"),
    *("PDDL-1.0", "ODC-By-1.0", "ODbL-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0"),
    *("Unlicense", "public domain", UNKNOWN_LICENCE),
)
_ABOUT = ("topic", "source", "model", "licence", "date")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TOPIC = re.compile(r"[A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?", re.ASCII)
_WORDS, _MOST_SLUG = 6, 40

OnJudged = Callable[[int, int], None]
Kind = Literal["exact", "normalized", "near"]
_SAMENESS = {
    "exact": "the same as",
    "normalized": "but for comments, layout and words around the code the same as",
    "near": "nearly the same as",
}


class Duplicate(NamedTuple):
    """A conversation that repeats an earlier one, both by their place in the order."""

    later: int
    earlier: int
    kind: Kind


@dataclass(frozen=True)
class Rejected:
    """A conversation that was not added, and every reason."""

    place: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Additions:
    """What became of conversations.

    Attributes:
        added: the place of each that was added, and its file in the collection.
        rejected: the others.
        unreadable: files of the collection that duplicates could not be looked for in.
    """

    added: list[tuple[str, Path]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class CheckedCollection:
    """What was found in a collection.

    Attributes:
        conversations: how many files could be read.
        problems: what does not hold, in the order of the files; each sentence begins with the path.
        duplicates: pairs of files and how alike they are: the later one first.
        ran: how many answers' programs were run; None if that was not asked for.
        counts: how many conversations there are by `topic`, `model`, `licence`, and `training`: what the terms of
            their models say about training others on their answers, see `licences`.
    """

    conversations: int
    problems: list[Problem]
    duplicates: list[tuple[Path, Path, Kind]]
    ran: int | None
    counts: dict[str, dict[str, int]]

    @property
    def holds(self) -> bool:
        """Whether everything is as it should be."""
        return not self.problems and not self.duplicates


def add_conversations(
    files: Sequence[Path],
    folder: Path,
    by: Judge,
    about: Mapping[str, str] | None = None,
    *,
    without_code: bool = False,
    unknown_licence: bool = False,
    jobs: int | None = None,
    on_judged: OnJudged = lambda done, total: None,
) -> Additions:
    """Add the conversations in files to the collection at `folder`, as far as they are fit for it.

    Args:
        files: each holds one conversation (of PromptingTools, a list of messages, or an object) or rows of
            ShareGPT's or OpenAI's form.
        folder: the collection's, made if need be.
        by: how to find out whether the Julia in an answer runs.
        about: `topic`, `source`, `model` and `licence` of all of them; what is not given, each has to say.
        without_code: whether answers may be without Julia.
        unknown_licence: whether the licence may be `unknown`.
        jobs: answers under way at once.
        on_judged: told how many answers were run, of how many.

    Raises:
        RequestError: the topic or the licence that is given cannot be one, or a file is missing.
        HarnessError: Julia does not start.
    """
    given = {key: value for key, value in (about or {}).items() if value}
    if wrong := [*_faults_about(given, unknown_licence, given)]:
        raise RequestError("; ".join(wrong))
    result, candidates = Additions(), list[Found]()
    for item in (item for path in files for item in conversations_in(path)):
        if isinstance(item, Problem):
            result.rejected.append(_rejected(item))
            continue
        own = {"date": date.today().isoformat(), **item.about, **given}
        if isinstance(own.get("licence"), str):
            own["licence"] = _known_licence(own["licence"]) or own["licence"]
        if own.get("code") is False:  # which the request decides
            del own["code"]
        if without_code and not extract_code(_answer(item.messages)):
            own["code"] = False
        item = item._replace(about=own)
        if reasons := [*_faults(item, unknown_licence)]:
            result.rejected.append(Rejected(item.place, tuple(reasons)))
        else:
            candidates.append(item)
    faults = faults_of_programs(_with_code(candidates), by, jobs, on_judged)
    result.rejected.extend(Rejected(candidates[index].place, (faults[index],)) for index in sorted(faults))
    candidates = [found for index, found in enumerate(candidates) if index not in faults]
    _write(folder, candidates, result)
    return result


def check_collection(
    folder: Path,
    by: Judge | None = None,
    jobs: int | None = None,
    on_judged: OnJudged = lambda done, total: None,
) -> CheckedCollection:
    """Check all files of a collection; without a judge, the programs in answers are neither parsed nor run.

    Raises:
        RequestError: there is no such folder, or no conversation in it.
        HarnessError: Julia does not start.
    """
    found, problems = _read_collection(folder)
    if not found and not problems:
        raise RequestError(
            f"{folder}: no .json file below this folder; add one with `slingshot conversations add`"
        )
    for item in found:
        problems += [Problem(Path(item.place), f"{item.place}: {fault}") for fault in _faults(item, True)]
        problems += _misplaced(item, folder)
    programs = _with_code(found)
    if by:
        faults = faults_of_programs(programs, by, jobs, on_judged)
        problems += [
            Problem(Path(found[i].place), f"{found[i].place}: {fault}") for i, fault in faults.items()
        ]
    pairs = [
        (Path(found[later].place), Path(found[earlier].place), kind)
        for later, earlier, kind in duplicates_among([item.messages for item in found])
    ]
    counts = {
        key: dict(sorted(Counter(str(item.about.get(key) or "unknown") for item in found).items()))
        for key in ("topic", "model", "licence")
    }
    terms = Counter(licence_of(str(item.about.get("model") or "")).training for item in found)
    counts["training"] = dict(sorted(terms.items()))
    problems.sort(key=lambda problem: problem.path)
    return CheckedCollection(len(found), problems, pairs, len(programs) if by else None, counts)


def duplicates_among(conversations: Sequence[Sequence[Mapping[str, Any]]]) -> list[Duplicate]:
    """The conversations that repeat an earlier one.

    `exact`: with the same messages. `normalized`: with the same code after the same questions, comments, layout, case
    and what is said around the code left aside; answers without code by their words. `near`: the Jaccard index of
    their word 3-grams is at least `THRESHOLD`. System messages are not compared, but for `exact`.
    """
    near = near_duplicates([shingles(_words(messages)) for messages in conversations], THRESHOLD)
    first_with: dict[tuple[str, ...], int] = {}
    repeated: dict[int, Duplicate] = {}
    for index, messages in enumerate(conversations):
        keys: dict[Kind, tuple[str, ...]] = {
            "exact": (hash_of_messages(messages),),
            "normalized": _normalized(messages),
        }
        alike = ((first_with[key], kind) for kind, key in keys.items() if key in first_with)
        if found := next(alike, (near[index], "near") if near[index] != index else None):
            earlier, kind = found
            earlier = repeated[earlier].earlier if earlier in repeated else earlier  # one that is none itself
            repeated[index] = Duplicate(index, earlier, kind)
        else:
            first_with |= dict.fromkeys(keys.values(), index)
    return list(repeated.values())


def file_of(folder: Path, found: Found) -> Path:
    """The conversation's file in a collection: its topic, date, first words and the hash of its messages."""
    asked = next((m["content"] for m in found.messages if m["role"] == "user"), "")
    plain = unicodedata.normalize("NFKD", asked).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)[:_WORDS])[:_MOST_SLUG].strip("-") or "conversation"
    day = str(found.about.get("date", "")).replace("-", "")
    return folder / str(found.about["topic"]) / f"{day}-{slug}-{hash_of_messages(found.messages)[:12]}.json"


def _faults(found: Found, unknown_licence: bool) -> Iterator[str]:
    """All that is wrong with a conversation, but for whether its programs run and whether it is there already."""
    try:
        check_messages(found.messages)
    except Fault as fault:
        yield str(fault)
    if missing := [key for key in _ABOUT if not found.about.get(key)]:
        are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        yield f"{', '.join(missing)} {are} missing; say {them}"
    yield from _faults_about(found.about, unknown_licence, _ABOUT)
    if found.about.get("code") is not False and not extract_code(_answer(found.messages)):
        yield "the answer has no Julia block; add one, or allow it with --no-code"
    for number, message in enumerate(found.messages, 1):
        for kind, line, hint in private_texts(str(message["content"])):
            yield f"message {number}, line {line}: {hint} looks like {kind}; remove it"
        for kind, _, hint in private_texts(str({key: message[key] for key in message if key != "content"})):
            yield f"message {number}, beside its text: {hint} looks like {kind}; remove it"
    for key, value in found.about.items():
        for kind, _, hint in private_texts(str(value)):
            yield f"{key}: {hint} looks like {kind}; remove it"


def _faults_about(about: Mapping[str, Any], unknown_licence: bool, keys: Iterable[str]) -> Iterator[str]:
    """What is wrong with what is said about a conversation."""
    for key in keys:
        value = about.get(key)
        if value and not isinstance(value, str):
            yield f"{key} is no text; write one"
        elif value and key == "topic" and not _TOPIC.fullmatch(value):
            yield f"the topic {value!r} cannot be a folder's name; use letters, digits, - and _"
        elif value and key == "date" and not _is_day(value):
            yield f"the date {value!r} is none; write it as 2026-12-31"
        elif value and key == "licence" and not (known := _known_licence(value)):
            yield f"the licence {value!r} is no SPDX identifier known here{suggest(value, KNOWN_LICENCES)}"
        elif value and key == "licence" and known == UNKNOWN_LICENCE and not unknown_licence:
            yield "the licence is unknown; find it out, or allow that with --allow-unknown-licence"


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _known_licence(written: str) -> str | None:
    """The licence as it is spelt, whatever the case; None if it is not known here."""
    return next((name for name in KNOWN_LICENCES if name.lower() == written.strip().lower()), None)


def _write(folder: Path, candidates: Sequence[Found], result: Additions) -> None:
    """Write those that are not there yet."""
    present, problems = _read_collection(folder) if folder.exists() else ([], [])
    result.unreadable.extend(problems)
    both = [*present, *candidates]
    repeated = {copy.later: copy for copy in duplicates_among([item.messages for item in both])}
    written = dict[int, Path]()
    for index, found in enumerate(candidates, len(present)):
        if index in repeated:
            _, earlier, kind = repeated[index]
            result.rejected.append(
                Rejected(found.place, (f"{_SAMENESS[kind]} {written.get(earlier, both[earlier].place)}",))
            )
        else:
            written[index] = save_conversation(file_of(folder, found), found.messages, **found.about)
            result.added.append((found.place, written[index]))


def _read_collection(folder: Path) -> tuple[list[Found], list[Problem]]:
    """The conversations of a collection, by path, and what is wrong with other files."""
    if not folder.is_dir():
        raise RequestError(f"{folder}: there is no such folder; name a collection of conversations")
    found, problems = list[Found](), list[Problem]()
    for path in sorted(folder.rglob("*.json")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        try:
            saved = open_conversation(path)
            found.append(Found(str(path), saved.messages, saved.about))
        except RequestError as error:
            problems.append(Problem(path, str(error)))
    return found, problems


def _misplaced(found: Found, folder: Path) -> Iterator[Problem]:
    """A file that is not called after what it holds."""
    path = Path(found.place)
    named = ("topic", "date")
    if not all(map(found.about.get, named)) or any(_faults_about(found.about, True, named)):
        return  # which is said already
    wanted = file_of(folder, found)
    if wanted != path:
        yield Problem(path, f"{path}: by its content this should be called {wanted}; rename it")


def _with_code(conversations: Sequence[Found]) -> dict[int, str]:
    """The answers that have Julia in them, by index."""
    answers = {index: _answer(found.messages) for index, found in enumerate(conversations)}
    return {index: answer for index, answer in answers.items() if extract_code(answer)}


def _answer(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last message."""
    return str(messages[-1]["content"]) if messages else ""


def _rejected(problem: Problem) -> Rejected:
    """A conversation that could not be read; the sentence begins with its place."""
    place, _, reason = problem.sentence.partition(": ")
    return Rejected(place, (reason,))


def _normalized(messages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What two conversations share that are alike: the questions and earlier answers, and the answer's code."""
    *before, answer = [_squeezed(m["content"]) for m in messages if m["role"] != "system"] or [""]
    return (*before, normalized_code(extract_code(_answer(messages))) or answer)


def _squeezed(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The words and signs of all but system messages."""
    text = "\n".join(m["content"] for m in messages if m["role"] != "system")
    return re.findall(r"\w+|[^\w\s]", text.casefold())
