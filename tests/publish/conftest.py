"""A finished run of a tiny model: every file made by the function that makes it in a real one."""

import shutil

import pytest

from chosen import program
from recorded import PASSED, record
from slingshot.dataset import Given, Selection, build_dataset, read_rows
from slingshot.files import sha256_of_file
from slingshot.gguf import about_model, convert, quantize
from slingshot.judge import Evaluation, extract_code
from slingshot.manifest import do_step
from slingshot.recordings.load import load_recordings
from slingshot.training.base_record import record_base, write_base_record
from slingshot.training.merge import merge
from slingshot.verdict import CostFacts, ModelUnderTest, TrainingFacts, build_verdict, write_verdict
from tiny_families import write_tiny_family
from tiny_model import write_tiny_adapter

SEEN, HELD_OUT = ["double", "triple"], ["halve"]
TRAINED = {"rows": 7, "distinct_prompts": 2, "tokens_total": 600, "tokens_supervised": 200, "seconds": 12.5}
TRAINED |= {"tokens_per_second": 48.0, "peak_memory_bytes": 2**30, "first_loss": 2.5, "final_loss": 0.25}
ASKED = {"samples": 2, "temperature": 0.5, "top_p": 0.95, "max_tokens": 60}
TRAINING = {
    "adapter": "lora",
    "lora_r": 4,
    "lora_dropout": 0.0,
    "learning_rate": 0.003,
    "num_epochs": 2.0,
    "seed": 42,
}
HALF = Evaluation(True, True, 2, 4, 1, 2, "tests_failed")
MODEL_CARD = "---\nlicense: mit\n---\n# A base\n"


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The run, for tests that only look; a base model's folder of its own lies beside it."""
    folder = tmp_path_factory.mktemp("publish")
    base, run = write_tiny_family(folder / "tiny-base", "mistral"), folder / "runs" / "small"
    (base / "README.md").write_text(MODEL_CARD)
    (base / "LICENSE").write_text("You may.\n")
    do_step(run, "dataset", {"licences": []}, [], lambda: _dataset(folder, run))
    weights = {file.name: sha256_of_file(file) for file in base.glob("*.safetensors")}
    inputs = {"base_model": str(base), "files": [["config.json", 1, 1.0]]}
    do_step(run, "base", inputs, [], lambda: {"folder": str(base), "weights": weights})
    rows = sha256_of_file(run / "dataset" / "train.jsonl")
    do_step(run, "train", {"dataset": [rows], "training": TRAINING}, [], lambda: _train(base, run))
    adapter = {"adapter_model.safetensors": sha256_of_file(run / "adapter" / "adapter_model.safetensors")}
    do_step(run, "merge", adapter, [], lambda: {"summary": str(merge(run / "adapter", base, run / "merged"))})
    names = {"names": {"base": "tiny-base", "tuned": "small"}, "quantization": "Q8_0"}
    made = do_step(run, "gguf", names, [], lambda: _quantize(run))
    do_step(run, "ask", {"benchmark": ASKED, "prompts": ["InJulia"]}, [], lambda: _ask(run))
    judge = {"julia": "1.5.3", "mode": "default", "timeout": "6"}
    do_step(run, "judge", {"judge": judge}, [], lambda: {"summary": "judged"})
    do_step(run, "verdict", {}, [], lambda: _say(run, made["facts"]["sha256"]))
    return run


@pytest.fixture
def run(finished, tmp_path):
    """The run, for tests that change it."""
    return shutil.copytree(finished, tmp_path / "runs" / "small")


def _dataset(folder, run):
    for name in SEEN:
        for number in range(3):
            record(folder / "recordings", program(number), name=name, model="suite-authors", index=number)
    record(folder / "recordings", program(9), name="halve", model="suite-authors")
    record(folder / "recordings", program(7), name="double", model="gpt-4-1106-preview", index=9)
    frame = load_recordings(folder / "recordings")
    built = build_dataset(frame, run / "dataset", Selection(per_task=4), HELD_OUT, Given())
    return {"rows": len(built.rows)}


def _train(base, run):
    write_tiny_adapter(run / "adapter", base)
    write_base_record(record_base(base, str(base)), run / "adapter")
    (run / "adapter" / "checkpoint-1").mkdir()
    return TRAINED | {"steps": 6, "trainable_parameters": 1234, "dtype": "float32"}


def _quantize(run):
    (run / "gguf").mkdir()
    whole = convert(run / "merged", run / "gguf" / "small.f16.gguf", "small", about_model(run / "merged"))
    quantized = quantize(whole, run / "gguf" / "small.Q8_0.gguf", "Q8_0")
    return {
        "sha256": {"tuned": sha256_of_file(quantized.path)},
        "fallbacks": [["blk.0.attn_q.weight", "q8_0", "f16"]],
    }


def _ask(run):
    for model, found in (("small.Q8_0", PASSED), ("tiny-base.Q8_0", HALF)):
        for name in [*SEEN, *HELD_OUT]:
            for index in range(2):
                answer = program(index if model.startswith("small") else 20 + index)
                judged = found if name in SEEN else HALF
                record(run / "recordings", answer, judged, model=model, name=name, index=index)
    return {}


def _say(run, sha256):
    frame = load_recordings(run / "recordings")
    models = [
        ModelUnderTest("tiny-base.Q8_0", "base"),
        ModelUnderTest("small.Q8_0", "gguf", sha256["tuned"], 40.0),
    ]
    answers = [row.answer for row in read_rows(run / "dataset" / "train.jsonl")]
    training = TrainingFacts(
        **{key: value for key, value in TRAINED.items() if key in TrainingFacts.model_fields}
    )
    cost = CostFacts(
        price_per_hour_usd=0.1, price_source="a guess", measured_usd=0.01, seconds={"train": 12.5}
    )
    verdict = build_verdict(frame, models, SEEN, HELD_OUT, answers, training, cost, extract=extract_code)
    write_verdict(verdict, frame, run)
    files = {"verdict.json": sha256_of_file(run / "verdict.json")}
    return {"files": files}
