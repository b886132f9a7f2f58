"""Files of weights are read and written tensor by tensor, as the safetensors package reads and writes them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from slingshot.errors import SlingshotError
from slingshot.training.merging.weights import stored_tensors, write_tensors

_TYPES = [torch.float32, torch.bfloat16, torch.float16, torch.float64, torch.int64, torch.uint8, torch.bool]
_SHAPES = st.lists(st.integers(0, 3), max_size=3)
_TENSORS = st.dictionaries(
    st.text(min_size=1).filter(lambda name: name != "__metadata__"),
    st.tuples(st.sampled_from(_TYPES), _SHAPES, st.integers(0, 2**20)),
    max_size=5,
)


@settings(max_examples=40)
@given(_TENSORS)
def test_what_is_read_and_written_again_is_what_the_package_wrote(tmp_path_factory, described):
    folder = tmp_path_factory.mktemp("weights")
    tensors = {name: _random(*description) for name, description in described.items()}
    save_file(tensors, folder / "theirs.safetensors", {"format": "pt"})
    stored = stored_tensors(folder / "theirs.safetensors")
    assert {name: one.shape for name, one in stored.items()} == {
        n: tuple(t.shape) for n, t in tensors.items()
    }
    write_tensors(folder / "ours.safetensors", stored, lambda name: stored[name].read_bytes())
    write_tensors(folder / "again.safetensors", stored, lambda name: tensors[name])
    for file in ("ours", "again"):
        read = load_file(folder / f"{file}.safetensors")
        assert read.keys() == tensors.keys()
        assert all(torch.equal(read[name], tensor) for name, tensor in tensors.items())


def _random(dtype, shape, seed):
    return torch.randint(0, 2, shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


@settings(max_examples=40)
@given(st.integers(0, 200))
def test_a_file_that_was_cut_is_noticed(tmp_path_factory, left):
    file = tmp_path_factory.mktemp("weights") / "cut.safetensors"
    save_file({"a": torch.ones(20)}, file)
    content = file.read_bytes()
    file.write_bytes(content[: min(left, len(content) - 1)])
    with pytest.raises(
        SlingshotError, match=r"cut.safetensors: cannot be read \(.+\); fetch or make it again"
    ):
        stored_tensors(file)


def test_numbers_are_read_as_float32_and_what_are_no_numbers_is_refused(tmp_path):
    save_file(
        {"half": torch.tensor([0.1]).half(), "packed": torch.ones(2, dtype=torch.uint8)}, tmp_path / "file"
    )
    stored = stored_tensors(tmp_path / "file")
    assert torch.equal(stored["half"].read(), torch.tensor([0.1]).half().float())
    with pytest.raises(SlingshotError, match="a tensor of the type U8 cannot be added to"):
        stored["packed"].read()
