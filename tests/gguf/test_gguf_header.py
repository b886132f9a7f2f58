"""Reading a GGUF file's header: what it says, and that a file which was cut short anywhere is noticed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gguf import GGUFReader, GGUFWriter, LlamaFileType
from slingshot.errors import RequestError, SlingshotError
from slingshot.gguf import FILE_TYPES, read_gguf


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A file with keys of several types, a vocabulary and two tensors."""
    import numpy as np

    path = tmp_path_factory.mktemp("header") / "small.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_name("Größe")
    writer.add_file_type(1)
    writer.add_bool("slingshot.flag", True)
    writer.add_float32("slingshot.half", 0.5)
    writer.add_token_list(["a", "bc", "ü"])
    writer.add_token_scores([0.5, 1.0, 2.0])
    writer.add_tensor("token_embd.weight", np.ones((3, 8), np.float16))
    writer.add_tensor("output_norm.weight", np.ones(8, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_keys_tensors_and_sizes_are_those_that_the_package_gguf_reads(small, converted):
    for path in (small, converted("llama")):
        ours, theirs = read_gguf(path), GGUFReader(path)
        assert [(t.name, t.shape, t.type, t.bytes) for t in ours.tensors] == [
            (t.name, tuple(map(int, t.shape)), t.tensor_type.name, t.n_bytes) for t in theirs.tensors
        ]
        for name, value in ours.metadata.items():
            assert theirs.get_field(name).contents() == value


def test_values_bits_and_the_files_type_are_read(small):
    found = read_gguf(small)
    assert found.metadata["general.name"] == "Größe"
    assert found.metadata["slingshot.flag"] is True
    assert found.metadata["slingshot.half"] == 0.5
    assert found.file_type == "f16"
    assert (found.parameters, found.tensor_bytes) == (32, 80)
    assert found.bits_per_weight == 20.0


@settings(deadline=None, max_examples=60)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_short_anywhere_is_refused_in_one_sentence(small, tmp_path_factory, share):
    content = small.read_bytes()
    path = tmp_path_factory.mktemp("cut") / "cut.gguf"
    # The last tensor's padding may be missing.
    path.write_bytes(content[: int(share * (len(content) - 31))])
    with pytest.raises(SlingshotError, match=r"cut short|no GGUF file") as caught:
        read_gguf(path)
    assert str(path) in str(caught.value)


@settings(deadline=None, max_examples=60)
@given(at=st.integers(4, 200), byte=st.integers(0, 255))
def test_a_damaged_header_is_an_error_of_ours_or_another_header(small, tmp_path_factory, at, byte):
    content = bytearray(small.read_bytes())
    content[at] = byte
    path = tmp_path_factory.mktemp("damaged") / "damaged.gguf"
    path.write_bytes(content)
    try:
        read_gguf(path)
    except SlingshotError as error:
        assert str(path) in str(error)


def test_what_is_no_gguf_file_is_refused(tmp_path):
    (tmp_path / "x.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(RequestError, match="this is no GGUF file"):
        read_gguf(tmp_path / "x.gguf")
    with pytest.raises(RequestError, match="there is no such GGUF file"):
        read_gguf(tmp_path / "none.gguf")


def test_the_numbers_of_file_types_are_llama_cpps():
    names = {"f32": "ALL_F32"}
    for name, number in FILE_TYPES.items():
        assert LlamaFileType[names.get(name, f"MOSTLY_{name.upper()}")] == number
