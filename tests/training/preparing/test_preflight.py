"""Training that would teach the wrong thing does not start, and every reason is told."""

import json
import shutil

import pytest
from chat_tokenizers import chat_tokenizers

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.estimating import resources
from slingshot.training.estimating.resources import Needs, available_memory, foresee, shortages
from slingshot.training.preparing import prepared as kept_rows
from slingshot.training.preparing.preflight import RefusedTraining, prepare

CHATML_WITH_SYSTEM = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def chat(question, answer, system=None):
    told = [{"role": "system", "content": system}] if system else []
    return {
        "messages": [
            *told,
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def check(tiny_base, tmp_path):
    """Prepare rows under settings; `base` may be another one."""

    def prepared(*rows, base=tiny_base, travels=False, entry=None, **settings):
        write(tmp_path / "rows.jsonl", *rows)
        entries = [{"path": "rows.jsonl", **(entry or {})}]
        settings = {"adapter": "lora", "datasets": entries, **settings}
        return prepare(TrainingConfig(**settings), base, tmp_path, tmp_path / "out", travels)

    return prepared


@pytest.fixture
def refused(check):
    """The reasons why rows are refused."""

    def reasons(*rows, **options):
        with pytest.raises(RefusedTraining) as refusal:
            check(*rows, **options)
        return refusal.value.problems

    return reasons


def with_tokenizer(base, folder, tokenizer, vocab_size=400):
    """The base's model with another tokenizer, and as many tokens as it says it knows."""
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("tokenizer*", "chat_template*", "special*"))
    tokenizer.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"vocab_size": vocab_size}))
    return folder


def test_good_rows_are_prepared_with_their_places_and_what_is_worth_knowing(check):
    prepared = check(chat("Add.", "a + b"), chat("Add.", "b + a"), chat("Negate.", "-x"), val_set_size=1)
    assert (len(prepared.rows), len(prepared.validation_rows)) == (2, 1)
    assert [place.rsplit("/")[-1] for place in [*prepared.places, *prepared.validation_places]] == [
        "rows.jsonl:1",
        "rows.jsonl:2",
        "rows.jsonl:3",
    ]
    assert prepared.tokenizer.decode(prepared.rows[1].answer) == "b + a<|im_end|>"
    assert prepared.travelling_template is None
    assert [note.split(";")[0] for note in prepared.notes[1:]] == [
        "the pad token is the end token <|im_end|>"
    ]


def test_all_problems_are_told_at_once_each_with_its_row(refused):
    long, stops = chat("Add.", "a" * 300), chat("Add.", "a<|im_end|>b")
    reasons = refused(chat("Add.", " "), long, stops, {"messages": 1}, sequence_len=200)
    assert [reason.split("rows.jsonl:")[1][:40] for reason in reasons] == [
        "4: the field messages is missing or of t",
        "1: turn 2 is to be learned and is empty;",
        "3: turn 2 contains the end token <|im_en",
        "2: 324 tokens are more than sequence_len",
    ]


def test_a_long_list_of_problems_is_shortened_in_the_message_only(refused, check):
    with pytest.raises(RefusedTraining) as refusal:
        check(*[chat("Add.", "") for _ in range(30)])
    assert len(refusal.value.problems) == 30
    assert str(refusal.value).splitlines()[20] == "and 10 more problems like these"


def test_rows_are_cut_only_when_told_and_their_end_is_not_learned_then(check, refused):
    prepared = check(chat("Add.", "a" * 300), chat("Add.", "a"), sequence_len=200, excess_length="cut")
    assert [len(row) for row in prepared.rows] == [200, 25]
    end = prepared.tokenizer.eos_token_id
    assert [row.answer[-1] == end for row in prepared.rows] == [False, True]
    assert "1 rows were cut to 200 tokens and lost 124 tokens, 124 of them learned" in prepared.notes[0]
    (reason,) = refused(chat("Add." * 80, "a"), sequence_len=200, excess_length="cut")
    assert "its prompt alone has sequence_len 200 tokens" in reason


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        (chat("Add.", "a"), {"train_on_eos": "none"}),
        (
            {"segments": [{"text": "Q", "label": False}, {"text": "A", "label": True}]},
            {"type": "input_output"},
        ),
    ],
)
def test_a_row_whose_end_is_not_learned_is_refused(refused, row, entry):
    (reason,) = refused(row, entry=entry)
    assert "rows.jsonl:1: no end token is learned, so the model would never stop" in reason


def test_segments_that_learn_nothing_are_refused(refused):
    (reason,) = refused({"segments": [{"text": "Q", "label": False}]}, entry={"type": "input_output"})
    assert "rows.jsonl:1: no token of this row would be learned" in reason


# Special tokens.


def test_tokens_that_are_not_in_the_vocabulary_are_refused(check):
    with pytest.raises(RequestError, match=r"special_tokens.pad_token: <pad> is no token of the base model"):
        check(chat("Q", "A"), special_tokens={"pad_token": "<pad>"})
    with pytest.raises(RequestError, match=r"eot_tokens: <end> is no token of the base model"):
        check(chat("Q", "A"), eot_tokens=["<end>"])


def test_an_end_token_at_which_the_served_model_does_not_stop_is_refused(refused):
    reasons = refused(chat("Q", "A"), special_tokens={"eos_token": "<|endoftext|>"})
    assert reasons[0].startswith(
        "special_tokens.eos_token <|endoftext|>: the served model does not stop there, only at <|im_end|>"
    )


def test_another_pad_token_is_taken_and_no_file_of_the_base_changes(check, tiny_base):
    before = {path.name: path.read_bytes() for path in tiny_base.iterdir()}
    prepared = check(chat("Q", "A"), special_tokens={"pad_token": "<|endoftext|>"}, eot_tokens=["<|im_end|>"])
    assert prepared.tokenizer.pad_token_id == 0
    assert prepared.notes == []
    assert {path.name: path.read_bytes() for path in tiny_base.iterdir()} == before


def test_turns_may_be_closed_by_a_token_of_their_own_that_the_template_shows(check, tiny_base, tmp_path):
    base = with_tokenizer(tiny_base, tmp_path / "base", chat_tokenizers()["gemma"])
    prepared = check(chat("Q", "A"), base=base)  # eos is <eos>; turns end with <end_of_turn>
    assert prepared.tokenizer.decode(prepared.rows[0].answer).endswith("<end_of_turn>")
    assert "turns end with <end_of_turn>, which only the chat template shows" in prepared.notes[-1]


def test_a_tokenizer_of_another_model_is_refused(refused, tiny_base, tmp_path):
    base = with_tokenizer(tiny_base, tmp_path / "base", chat_tokenizers()["gemma"], 50)
    assert (
        "and the model knows 50; tokenizer and model do not belong together"
        in refused(chat("Q", "A"), base=base)[0]
    )


# Templates.


def test_a_template_by_name_is_accepted_where_it_prints_what_the_base_models_own_prints(check):
    assert check(chat("Q", "A"), chat_template="chatml").travelling_template is None


@pytest.fixture
def kind_base(tiny_base, tmp_path):
    """A base model whose template tells it to be kind where nothing else is said, as SmolLM's and Qwen's do."""
    base = tmp_path / "kind"
    shutil.copytree(tiny_base, base)
    (base / "chat_template.jinja").write_text(CHATML_WITH_SYSTEM)
    return base


def test_a_template_unlike_the_served_one_is_refused_and_the_row_named(refused, check, kind_base):
    told = chat("Q", "A", system="Julia.")
    assert check(told, base=kind_base, chat_template="chatml").travelling_template is None
    (reason,) = refused(told, chat("Q", "A"), base=kind_base, chat_template="chatml")
    assert "rows.jsonl:2: the base model's own chat template" in reason
    assert reason.endswith("write chat_template: tokenizer_default")


def test_a_template_unlike_the_served_one_is_accepted_where_it_travels_with_the_result(
    check, refused, kind_base
):
    prepared = check(chat("Q", "A"), base=kind_base, chat_template="chatml", travels=True)
    assert prepared.travelling_template == prepared.tokenizer.chat_template != CHATML_WITH_SYSTEM
    config = json.loads((kind_base / "tokenizer_config.json").read_text())
    (kind_base / "tokenizer_config.json").write_text(
        json.dumps(config | {"chat_template": CHATML_WITH_SYSTEM})
    )
    (reason,) = refused(chat("Q", "A"), base=kind_base, chat_template="chatml", travels=True)
    assert "renders this row otherwise" in reason


def test_a_base_model_without_a_template_gets_one_that_travels(check, refused, kind_base):
    (kind_base / "chat_template.jinja").unlink()
    prepared = check(chat("Q", "A"), base=kind_base, chat_template="chatml", travels=True)
    assert prepared.travelling_template == prepared.tokenizer.chat_template
    (reason,) = refused(chat("Q", "A"), base=kind_base, chat_template="chatml")
    assert "chat_template: the base model has none" in reason


def test_plain_text_needs_no_template_and_says_how_to_ask(check):
    prepared = check({"text": "x = 1"}, entry={"type": "completion"})
    assert prepared.tokenizer.decode(prepared.rows[0].tokens) == "x = 1<|im_end|>"
    assert "ask the trained model for completions, not in a chat" in prepared.notes[0]


# The machine.


def test_needs_are_those_of_the_shapes_and_the_settings(check, tiny_base):
    rows = check(chat("Q", "A")).rows
    linear = 2 * (
        2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96
    )  # q and o, k and v, gate, up and down, in two layers
    lora = 16 * 2 * (2 * 128 + 2 * 96 + 3 * 160)
    norms, embedding = 5 * 64, 259 * 64
    adapter = foresee(tiny_base, rows, TrainingConfig(adapter="lora", bf16=False))
    assert adapter.weights == 4 * (linear + norms + embedding)
    assert adapter.trained == 16 * lora
    assert foresee(tiny_base, rows, TrainingConfig(bf16=False)).trained == 16 * (linear + norms + embedding)
    chosen = TrainingConfig(adapter="lora", lora_target_modules=["q_proj"], optimizer="sgd")
    assert foresee(tiny_base, rows, chosen).trained == 8 * 16 * 2 * 128


def test_too_little_memory_or_disk_is_told_before_the_start(tmp_path, monkeypatch):
    assert available_memory() > 100 << 20
    assert shortages(Needs(weights=1, trained=1, activations=1, disk=1), tmp_path / "new" / "out") == []
    huge = Needs(weights=10**15, trained=1, activations=1, disk=10**15)
    memory, disk = shortages(huge, tmp_path / "new" / "out")
    assert memory.startswith("training needs about 1000001.5 GB of memory (weights 1000000.0 GB")
    assert f"{tmp_path / 'new' / 'out'}: checkpoints and result need about 1000000.0 GB of disk" in disk
    monkeypatch.setattr(resources, "available_memory", lambda: None)
    assert shortages(huge, tmp_path) == [disk.replace("/new/out", "")]


# Rows that are kept.


def test_encoded_rows_are_kept_and_found_again_while_nothing_they_depend_on_changes(
    check, tmp_path, monkeypatch
):
    kept = tmp_path / "kept"
    rows = [chat("Add.", "a ↦ b"), chat("Negate.", "-x")]
    first = check(*rows, dataset_prepared_path=str(kept))
    (folder,) = kept.iterdir()
    encode = kept_rows.encode_all
    monkeypatch.setattr(kept_rows, "encode_all", lambda *_: pytest.fail("encoded again"))
    again = check(*rows, dataset_prepared_path=str(kept))
    assert again.rows == first.rows
    monkeypatch.setattr(kept_rows, "encode_all", encode)
    assert check(*rows[::-1], dataset_prepared_path=str(kept)).rows == first.rows[::-1]
    check(*rows, dataset_prepared_path=str(kept), train_on_inputs=True)
    assert len(list(kept.iterdir())) == 3
    (folder / "rows.npz").unlink()
    assert check(*rows, dataset_prepared_path=str(kept)).rows == first.rows
