"""A tiny suite, and a recipe that a tiny model of random weights is trained on it by."""

from pathlib import Path

# By name: what it does, a call and its result, and solutions to train on.
SUITE = {
    "double_it": ("returns twice `x`", "double_it(3)", "6", ["(x) = 2x", "(x) = x + x"]),
    "first_of": ("returns the first of `x`", "first_of([4, 5])", "4", ["(x) = x[1]", "(x) = first(x)"]),
    "negate_it": ("changes the sign of `x`", "negate_it(3)", "-3", ["(x) = -x", "(x) = 0 - x"]),
    "halve_it": ("returns half of `x`", "halve_it(3)", "1.5", []),
}
DEFINITION = """[code_generation]
name = "{name}"
prompt = "Write a function `{name}(x)` that {does}."
examples = ["{call}"]
unit_tests = ["@test {call} == {result}"]
reference_solution = "{name}(x) = 1"

[[code_generation.variants]]
name = "{name}_paraphrase"
kind = "paraphrase"
prompt = "A function `{name}(x)`, please, which {does}."
"""
# The forms of a model of random weights may differ as they like: here it is enough that they are compared.
RECIPE = """
name: small
suite: suite
hold_out: [halve_it]
prompts: [AsIs]
base_model: base
dataset: {per_task: 2}
training: {lora_r: 4, num_epochs: 2, micro_batch_size: 2, learning_rate: 0.01, save_steps: 1}
quantization: Q8_0
parity:
  prompts: 1
  tokens: 2
  merged: {greedy: 0, kl: 100, ends: 0}
  f16: {greedy: 0, kl: 100, ends: 0}
  quantized: {Q8_0: {greedy: 0, kl: 100, ends: 0}}
benchmark: {samples: 2, max_tokens: 8, context: 512}
judge: {timeout: 5}
"""


def write_suite(folder: Path) -> None:
    """Four test cases of numbers, each with a paraphrase, below `folder`/suite; the last has no solutions."""
    for name, (does, call, result, solutions) in SUITE.items():
        place = folder / "suite" / "numbers" / name
        (place / "solutions").mkdir(parents=True)
        text = DEFINITION.format(name=name, does=does, call=call, result=result)
        (place / "definition.toml").write_text(text)
        for number, code in enumerate(solutions):
            (place / "solutions" / f"way_{number}.jl").write_text(f"{name}{code}\n")
