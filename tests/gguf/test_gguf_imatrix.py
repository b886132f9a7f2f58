"""Importance matrices: read from both of llama.cpp's formats, and obeyed by its quantizer."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gguf import GGUFReader, GGUFWriter, dequantize
from slingshot.errors import MissingTool, RequestError
from slingshot.files import sha256_of_file
from slingshot.gguf import quantize, read_gguf
from slingshot.gguf.imatrix import read_imatrix

COUNT = 50


def columns_of(model):
    """For every matrix but the embeddings, the mean square of each column: a few columns matter much."""
    random = np.random.default_rng(3)
    matrices = [t for t in read_gguf(model).tensors if len(t.shape) == 2 and t.name.startswith("blk.")]
    found = {}
    for tensor in matrices:
        found[tensor.name] = np.full(tensor.shape[0], 1e-3, np.float32)
        found[tensor.name][random.choice(tensor.shape[0], 16, replace=False)] = 1e3
    return found


def write_imatrix(path, columns):
    """As llama-imatrix writes it: sums of squares and counts."""
    writer = GGUFWriter(path, "")
    writer.add_type("imatrix")
    for name, means in columns.items():
        writer.add_tensor(f"{name}.in_sum2", (means * COUNT).reshape(1, -1))
        writer.add_tensor(f"{name}.counts", np.full((1, 1), COUNT, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_dat(path, columns):
    """The older format."""
    content = struct.pack("<i", len(columns))
    for name, means in columns.items():
        content += struct.pack("<i", len(name)) + name.encode() + struct.pack("<ii", COUNT, means.size)
        content += (means * COUNT).astype("<f4").tobytes()
    path.write_bytes(content + struct.pack("<ii", 7, 4) + b"text")
    return path


@pytest.fixture(scope="module")
def columns(converted):
    return columns_of(converted("llama"))


@pytest.fixture(scope="module")
def imatrix(columns, tmp_path_factory):
    return write_imatrix(tmp_path_factory.mktemp("imatrix") / "imatrix.gguf", columns)


def errors_by_column(file, original, name):
    """Mean squared differences of a tensor's columns."""
    found = [
        dequantize(tensor.data, tensor.tensor_type).astype(np.float64)
        for path in (file, original)
        for tensor in GGUFReader(path).tensors
        if tensor.name == name
    ]
    return ((found[0] - found[1]) ** 2).mean(axis=0)


def test_both_formats_give_the_same_means(imatrix, columns, tmp_path):
    for file in (imatrix, write_dat(tmp_path / "imatrix.dat", columns)):
        read = read_imatrix(file)
        assert read.keys() == columns.keys()
        for name, means in columns.items():
            np.testing.assert_allclose(read[name], means, rtol=1e-6)


def test_columns_that_matter_are_kept_better(converted, imatrix, columns, tmp_path):
    f16, name = converted("llama"), "blk.0.ffn_up.weight"
    plain = quantize(f16, tmp_path / "plain.Q4_K_M.gguf", "Q4_K_M")
    weighed = quantize(f16, tmp_path / "weighed.Q4_K_M.gguf", "Q4_K_M", imatrix)
    important = columns[name] > 1
    without = errors_by_column(plain.path, f16, name)[important].mean()
    with_it = errors_by_column(weighed.path, f16, name)[important].mean()
    assert with_it < 0.5 * without
    assert read_gguf(weighed.path).metadata["slingshot.imatrix_sha256"] == sha256_of_file(imatrix)


def test_the_lowest_types_need_one_and_work_with_it(converted, imatrix, read_by_llama_cpp, tmp_path):
    f16 = converted("llama")
    with pytest.raises(RequestError, match="IQ2_XXS: needs an importance matrix"):
        quantize(f16, tmp_path / "x.gguf", "IQ2_XXS")
    made = quantize(f16, tmp_path / "x.IQ2_XXS.gguf", "iq2_xxs", imatrix)
    assert made.type == "IQ2_XXS"
    assert made.bits_per_weight < 4
    ((tokens, likeliest),) = read_by_llama_cpp("function", made.path)
    assert tokens
    assert likeliest >= 0


def test_another_models_matrix_is_refused(converted, columns, tmp_path):
    f16 = converted("llama")
    strange = write_imatrix(tmp_path / "strange.gguf", {"blk.9.ffn_up.weight": np.ones(256, np.float32)})
    with pytest.raises(RequestError, match="names no tensor of .* made for another model"):
        quantize(f16, tmp_path / "x.gguf", "Q4_K_M", strange)
    wide = write_imatrix(tmp_path / "wide.gguf", {name: np.ones(512, np.float32) for name in columns})
    with pytest.raises(RequestError, match="512 columns here and 256 in"):
        quantize(f16, tmp_path / "x.gguf", "Q4_K_M", wide)
    part = write_imatrix(tmp_path / "part.gguf", {"blk.0.ffn_up.weight": columns["blk.0.ffn_up.weight"]})
    with pytest.raises(RequestError, match="has nothing for blk.0.attn_"):
        quantize(f16, tmp_path / "x.gguf", "IQ2_XXS", part)
    assert not list(tmp_path.glob("*x.gguf*"))


@settings(deadline=None, max_examples=100)
@given(content=st.binary(max_size=200))
def test_what_is_no_matrix_is_refused(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("none") / "x.dat"
    file.write_bytes(content)
    try:
        assert read_imatrix(file)
    except RequestError as error:
        assert "this is no importance matrix" in str(error)


def test_a_matrix_that_was_cut_short_is_refused(imatrix, columns, tmp_path):
    for whole in (imatrix, write_dat(tmp_path / "whole.dat", columns)):
        (tmp_path / "cut").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        with pytest.raises(RequestError, match="not a whole one"):
            read_imatrix(tmp_path / "cut")


def test_an_object_of_another_layout_than_the_wheels_is_not_written_to():
    from cyllama.llama.llama_cpp import LlamaModelQuantizeParams, LlamaSamplerChainParams

    from slingshot.gguf.llama_quantizer import _inside

    parameters = LlamaModelQuantizeParams()
    parameters.ftype, parameters.keep_split = 15, True
    found = _inside(parameters)
    assert (found.ftype, found.keep_split, found.imatrix) == (15, True, None)
    with pytest.raises(MissingTool):
        _inside(LlamaSamplerChainParams())
