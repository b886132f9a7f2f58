"""Everything that is checked before the first step: training that would teach the wrong thing does not start.

Each problem is a sentence that names the row, token or key and what to do; all of them are told at once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, SlingshotError
from slingshot.training.config import TrainingConfig
from slingshot.training.estimating.resources import foresee, shortages
from slingshot.training.preparing.prepared import encode_or_recall
from slingshot.training.rows.encoding import Conversation, EncodedRow, Source
from slingshot.training.rows.sources import load_sources
from slingshot.training.rows.templates import asked_template, chosen_template, may_travel

_SHOWN = 20  # problems in the text of an error; `RefusedTraining.problems` holds all


class RefusedTraining(SlingshotError):
    """Training may not start; `problems` are the reasons."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(dict.fromkeys(problems))
        lines = self.problems[:_SHOWN]
        if more := len(self.problems) - len(lines):
            lines.append(f"and {more} more problems like these")
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Prepared:
    """Rows that were checked, and what belongs to them.

    Attributes:
        rows: to train on; `places` names each.
        validation_rows: to validate on; `validation_places` names each.
        tokenizer: of the base model, with the special tokens and the template of the configuration.
        ends: ids of the tokens that end a turn.
        travelling_template: text of the chat template that has to lie as `chat_template.jinja` beside what is
            trained, because the base model has another one or none; None: the base's own is used.
        notes: sentences about what was chosen, cut or harmless.
    """

    rows: list[EncodedRow]
    places: list[str]
    validation_rows: list[EncodedRow]
    validation_places: list[str]
    tokenizer: Any
    ends: frozenset[int]
    travelling_template: str | None
    notes: list[str]


def prepare(
    config: TrainingConfig,
    base: Path,
    folder: Path,
    out: Path,
    template_travels: bool = False,
    has_to_fit: bool = True,
    processes: int = 1,
) -> Prepared:
    """Read, encode and check all rows of a configuration, and the machine; or refuse with all reasons.

    Args:
        config: what to train; relative paths of its datasets are looked up in `folder` first.
        base: the base model's folder.
        folder: where the configuration's file is.
        out: where the result will be written, whose disk has to have room.
        template_travels: the caller writes `travelling_template` beside the result; otherwise a template that
            is not the base's own is refused.
        has_to_fit: this machine has to have the memory and the disk for it.
        processes: how many of this machine will train as `config` says.

    Raises:
        RefusedTraining: one or more problems.
        RequestError: nothing can be read at all: no dataset, no such type, no such template.
    """
    sources = load_sources(config, folder)
    problems, notes = list(sources.problems), list(sources.notes)
    served = _tokenizer(base)
    tokenizer = with_special_tokens(_tokenizer(base), config)
    everything = [*sources.rows, *sources.validation_rows]
    travelling = None
    if conversations := [source for source in everything if isinstance(source, Conversation)]:
        tokenizer.chat_template = chosen_template(tokenizer, *asked_template(config, folder))
        other = _served_otherwise(conversations, tokenizer, served)
        if other and not (template_travels and may_travel(base) and _same(conversations, tokenizer, served)):
            problems.append(other)
        elif other:
            travelling = tokenizer.chat_template
            notes.append("the chat template is not the base model's; it is written beside what is trained")
    elif everything:
        notes.append(
            "all rows are plain text without a chat template: ask the trained model for completions, not in a chat"
        )
    stops = stop_tokens(tokenizer, served, base)
    ends, unheard = _ends(tokenizer, config, stops)
    problems += unheard

    encoded, broken = encode_or_recall(everything, tokenizer, ends, base, config.dataset_prepared_path)
    problems += broken
    checked, found, cut = check_rows(everything, encoded, ends, config)
    problems += found
    notes += cut
    problems += _unknown_to_model(checked, base)
    notes += _about_tokens(tokenizer, ends, [row for row in checked if row], conversations)
    closings = {row.tokens[-1] for row in encoded if row} & ends
    if unnamed := sorted(closings - _named_ends(served, base)):
        tokens = ", ".join(tokenizer.convert_ids_to_tokens(unnamed))
        notes.append(
            f"turns end with {tokens}, which only the chat template shows to be an end; llama.cpp stops there if it "
            "knows the token by name"
        )
    count = len(sources.rows)
    rows = [row for row in checked[:count] if row]
    if rows and has_to_fit:
        problems += shortages(foresee(base, rows, config), out, processes)
    if problems:
        raise RefusedTraining(problems)
    return Prepared(
        rows,
        [source.place for source in sources.rows],
        [row for row in checked[count:] if row],
        [source.place for source in sources.validation_rows],
        tokenizer,
        ends,
        travelling,
        notes,
    )


def check_rows(
    sources: Sequence[Source], rows: Sequence[EncodedRow | None], ends: frozenset[int], config: TrainingConfig
) -> tuple[list[EncodedRow | None], list[str], list[str]]:
    """The rows, cut where the configuration says so; problems; and notes about cuts.

    A cut takes tokens from a row's end and with them its end token, which is not put back: it would teach the
    model to stop midway. A row that was None, because it could not be encoded, stays None.
    """
    checked, problems = list[EncodedRow | None](), list[str]()
    cuts = list[tuple[int, int]]()
    for source, row in zip(sources, rows, strict=True):
        if row is None:
            checked.append(None)
            continue
        if not row.supervised:
            problems.append(f"{source.place}: no token of this row would be learned; remove it")
        elif row.tokens[-1] not in ends:
            problems.append(
                f"{source.place}: no end token is learned, so the model would never stop; close the row with one, and "
                "see train_on_eos"
            )
        if len(row) > config.sequence_len:
            if config.excess_length == "error":
                problems.append(
                    f"{source.place}: {len(row)} tokens are more than sequence_len {config.sequence_len}; raise it, or "
                    "set excess_length: cut"
                )
            short = EncodedRow(row.tokens[: config.sequence_len], row.labels[: config.sequence_len])
            if config.excess_length == "cut" and not short.supervised:
                problems.append(
                    f"{source.place}: its prompt alone has sequence_len {config.sequence_len} tokens, so nothing would be "
                    "left to learn; remove the row or raise it"
                )
            cuts.append((len(row) - len(short), row.supervised - short.supervised))
            row = short
        checked.append(row)
    if not cuts or config.excess_length == "error":
        return checked, problems, []
    lost, learned = (sum(numbers) for numbers in zip(*cuts, strict=True))
    return (
        checked,
        problems,
        [
            f"{len(cuts)} rows were cut to {config.sequence_len} tokens and lost {lost} tokens, {learned} of them learned; "
            "their end tokens are not learned"
        ],
    )


def with_special_tokens(tokenizer: Any, config: TrainingConfig) -> Any:
    """The tokenizer with the configuration's `special_tokens` in memory; its files and vocabulary stay.

    Raises:
        RequestError: a token is not in the vocabulary.
    """
    vocabulary = tokenizer.get_vocab()
    for name, token in config.special_tokens.model_dump(exclude_none=True).items():
        _known(vocabulary, token, f"special_tokens.{name}")
        setattr(tokenizer, name, token)
    return tokenizer


def stop_tokens(tokenizer: Any, served: Any, base: Path) -> frozenset[int]:
    """Where the served model stops: at the ends that the base's files name, and the template's end of turn."""
    from slingshot.models.chat import Chat

    named = _named_ends(served, base)
    return named | Chat(tokenizer).ends(list(named)) if tokenizer.chat_template else named


def _named_ends(served: Any, base: Path) -> frozenset[int]:
    """The base's own end token, and those of its generation configuration."""
    path = base / "generation_config.json"
    found = json.loads(path.read_bytes()).get("eos_token_id") if path.is_file() else None
    return frozenset({*(found if isinstance(found, list) else [found]), served.eos_token_id} - {None})


def _ends(tokenizer: Any, config: TrainingConfig, stops: frozenset[int]) -> tuple[frozenset[int], list[str]]:
    """The tokens that may close a turn, and problems with those that the configuration names."""
    vocabulary, problems = tokenizer.get_vocab(), list[str]()
    named = {f"eot_tokens {token}": token for token in config.eot_tokens or []}
    if eos := config.special_tokens.eos_token:
        named[f"special_tokens.eos_token {eos}"] = eos
    stopping = ", ".join(tokenizer.convert_ids_to_tokens(sorted(stops)))
    for key, token in named.items():
        _known(vocabulary, token, key.split()[0])
        if vocabulary[token] not in stops:
            problems.append(
                f"{key}: the served model does not stop there, only at {stopping}; tokenizer files are never changed, so "
                "name one of these"
            )
    if config.eot_tokens:
        ends = {vocabulary[token] for token in config.eot_tokens} | ({tokenizer.eos_token_id} - {None})
        return frozenset(ends), problems
    return stops, problems


def _served_otherwise(conversations: Sequence[Conversation], tokenizer: Any, served: Any) -> str | None:
    """A sentence if the base's own template would show the model other text than it is trained on."""
    if not served.chat_template:
        return (
            "chat_template: the base model has none, so the served model could not be asked as it was trained; use a "
            "base model with one"
        )
    for conversation in conversations:
        if _text(conversation, tokenizer) != _text(conversation, served):
            return (
                f"{conversation.place}: the base model's own chat template, with which it is served, renders this row "
                "otherwise than the one of this configuration; write chat_template: tokenizer_default"
            )
    return None


def _same(conversations: Sequence[Conversation], tokenizer: Any, served: Any) -> bool:
    """Would the base's tokenizer render the rows alike, given the template of training?"""
    template = tokenizer.chat_template
    return all(_text(one, tokenizer) == _text(one, served, template) for one in conversations)


def _text(conversation: Conversation, tokenizer: Any, template: str | None = None) -> str | None:
    """All that a template prints of a conversation, and what it prints to ask for its last answer; None: refused."""
    import jinja2

    messages = list(conversation.messages)
    try:
        whole = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False)
        asked = tokenizer.apply_chat_template(
            messages[:-1], chat_template=template, tokenize=False, add_generation_prompt=True
        )
    except (jinja2.TemplateError, IndexError, TypeError):
        return None
    return f"{whole}\0{asked}"


def _unknown_to_model(rows: Sequence[EncodedRow | None], base: Path) -> list[str]:
    """A sentence if rows hold tokens for which the model has no embedding."""
    config = json.loads((base / "config.json").read_bytes())
    known = config.get("vocab_size") or config.get("text_config", {}).get("vocab_size")
    highest = max((max(row.tokens) for row in rows if row and row.tokens), default=0)
    if known is None or highest < known:
        return []
    return [
        f"{base}: its tokenizer gives token {highest}, and the model knows {known}; tokenizer and model do not belong "
        "together, fetch both again"
    ]


def _about_tokens(
    tokenizer: Any, ends: frozenset[int], rows: Sequence[EncodedRow], conversations: Sequence[Conversation]
) -> list[str]:
    """Notes about special tokens that mislead other trainers, or that servers treat differently."""
    notes = []
    if tokenizer.pad_token_id in ends:
        notes.append(
            f"the pad token is the end token {tokenizer.pad_token}; harmless here: labels go by place, never by token, "
            "and rows are not padded"
        )
    start = tokenizer.bos_token_id
    habit = start is not None and tokenizer("").input_ids[:1] == [start]
    if habit and conversations and any(row.tokens[0] != start for row in rows):
        notes.append(
            f"the tokenizer puts {tokenizer.bos_token} before plain text and the chat template does not; llama.cpp adds "
            "it to prompts, transformers does not"
        )
    if unfinished := sum(not conversation.learned[-1] for conversation in conversations):
        notes.append(f"{unfinished} rows go on after their last learned turn; what follows it is left out")
    return notes


def _known(vocabulary: dict[str, int], token: str, key: str) -> None:
    if token not in vocabulary:
        raise RequestError(
            f"{key}: {token} is no token of the base model, and vocabularies are never changed; name one that is"
        )


def _tokenizer(base: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(base, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise SlingshotError(f"{base}: its tokenizer cannot be read ({reason}); fetch it again") from error
