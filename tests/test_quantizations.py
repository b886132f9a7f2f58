"""One model in many types: which ones, files made once, and what their answers will say."""

import pytest

from slingshot.errors import RequestError
from slingshot.gguf.header import read_gguf
from slingshot.models.local import LocalModel, local_model
from slingshot.models.roster import Local
from slingshot.quantizations import chosen_types, quantized_models
from tiny_families import write_tiny_family
from tiny_gguf import write_tiny_gguf


def test_types_are_taken_in_any_capitals_once_each_and_ordered_by_size():
    assert chosen_types(["q4_k_m", "F16", "Q8_0", "Q4_K_M"]) == ["f16", "Q8_0", "Q4_K_M"]


def test_all_is_f16_and_every_type_that_needs_no_importance_matrix_and_no_model_of_a_kind():
    chosen = chosen_types(["all"])
    assert chosen[0] == "f16"
    assert {"Q8_0", "Q5_K_M", "Q2_K"} <= set(chosen)
    assert not {"f32", "bf16", "IQ1_S", "IQ2_XXS", "TQ1_0", "MXFP4_MOE"} & set(chosen)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Q8_O"], "did you mean Q8_0?"),
        (["f16", "IQ1_S"], "IQ1_S: needs an importance matrix"),
        ([], "names no type"),
    ],
)
def test_what_cannot_be_made_is_refused(names, words):
    with pytest.raises(RequestError, match=words.replace("?", r"\?")):
        chosen_types(names)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A model that is a GGUF file of f32."""
    file = write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.f32.gguf")
    return Local("tiny.f32", local_model(str(file)), concurrency=3)


@pytest.fixture(scope="module")
def forms(whole, tmp_path_factory):
    return quantized_models(whole, ["f16", "Q8_0", "Q4_0"], tmp_path_factory.mktemp("gguf"))


def test_files_are_made_once_each_and_answers_will_say_what_they_are(whole, forms):
    folder = forms[0].model.path.parent
    assert [one.name for one in forms] == ["tiny.f16", "tiny.Q8_0", "tiny.Q4_0"]
    assert [one.concurrency for one in forms] == [3, 3, 3]
    for one, kind, bits in zip(forms, ("f16", "Q8_0", "Q4_0"), (16, 8.5, 4.5), strict=True):
        file = folder / f"tiny.{kind}.gguf"
        assert one.model == LocalModel(f"tiny.{kind}", file, "gguf")
        assert read_gguf(file).file_type == one.about["quantization"] == kind
        assert one.about["file_bytes"] == file.stat().st_size
        assert one.about["bits_per_weight"] == pytest.approx(bits, abs=0.7)

    times = {file: file.stat().st_mtime_ns for file in folder.glob("*.gguf")}
    said = []
    assert quantized_models(whole, ["Q4_0", "Q8_0"], folder, said.append) == [forms[2], forms[1]]
    assert {file: file.stat().st_mtime_ns for file in folder.glob("*.gguf")} == times
    assert len(said) == 2
    assert said[1].startswith("  tiny.Q8_0.gguf: ")


def test_a_hugging_face_folder_is_converted_to_f16_whatever_is_asked_for(tmp_path):
    folder = write_tiny_family(tmp_path / "small", "llama")
    (made,) = quantized_models(Local("small", local_model(str(folder))), ["Q4_K_M"], tmp_path / "gguf")
    assert made.name == "small.Q4_K_M"
    assert {file.name for file in (tmp_path / "gguf").glob("*.gguf")} == {
        "small.f16.gguf",
        "small.Q4_K_M.gguf",
    }


def test_a_file_stands_for_its_own_type_and_a_quantized_one_is_refused(forms, tmp_path):
    made = quantized_models(forms[0], ["f16", "Q8_0"], tmp_path)
    assert [one.name for one in made] == ["tiny.f16", "tiny.Q8_0"]
    assert [one.model.path.parent for one in made] == [forms[0].model.path.parent, tmp_path]
    with pytest.raises(RequestError, match="quantized already"):
        quantized_models(made[1], ["Q4_0"], tmp_path / "no")
    assert not list((tmp_path / "no").glob("*.gguf"))


def test_another_file_of_the_same_name_is_not_taken_for_the_one_before(whole, forms, tmp_path):
    before = forms[1].model.path.read_bytes()
    file = write_tiny_gguf(tmp_path / "tiny.f32.gguf", seed=8)
    other = Local(whole.name, local_model(str(file)))
    assert quantized_models(other, ["Q8_0"], forms[1].model.path.parent)[0].model.path.read_bytes() != before


def test_an_adapter_is_refused(tmp_path):
    adapter = Local("tuned", LocalModel("tuned", tmp_path, "transformers", tmp_path / "adapter"))
    with pytest.raises(RequestError, match="merge it first"):
        quantized_models(adapter, ["Q8_0"], tmp_path)
