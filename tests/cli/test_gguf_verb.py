"""`slingshot gguf`: from a folder, and from a file of plain numbers, to files of several types."""

import pytest

from command import refused, slingshot
from slingshot.cli.gguf import gguf
from slingshot.errors import RequestError
from slingshot.gguf import read_gguf
from tiny_families import write_tiny_family


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The merged model of a run's folder, of a width that k-quants do not fit."""
    return write_tiny_family(tmp_path_factory.mktemp("runs") / "tuned" / "merged", "mistral", width=96)


def test_a_folder_becomes_files_of_every_type_asked_for_beside_it(model):
    done = slingshot("gguf", model.parent, "--types", "Q8_0,q4_k_m,Q8_0")
    assert done.returncode == 0, done.stderr
    place = model.parent / "gguf"
    made = {path.name: read_gguf(path) for path in place.iterdir()}
    assert {name: file.file_type for name, file in made.items()} == {
        "tuned.f16.gguf": "f16",  # what the others are made from
        "tuned.Q8_0.gguf": "Q8_0",
        "tuned.Q4_K_M.gguf": "Q4_K_M",
    }
    types = {tensor.name: tensor.type for tensor in made["tuned.Q4_K_M.gguf"].tensors}
    assert types["blk.0.attn_q.weight"] == "Q5_0"
    bits = made["tuned.Q4_K_M.gguf"].bits_per_weight
    assert 6 < bits < 7  # not the 4.9 of the type's name
    assert f"Wrote {place / 'tuned.f16.gguf'} (" in done.stderr
    assert f"Wrote {place / 'tuned.Q4_K_M.gguf'} (0.2 MB, {bits:.2f} bits per weight)." in done.stderr
    fallen = "tuned.Q4_K_M.gguf: 15 tensors fell back to another type: 13 q4_K to q5_0, 2 q6_K to q8_0"
    assert fallen in done.stderr
    assert f"Next: slingshot serve {place / 'tuned.Q4_K_M.gguf'}" in done.stderr
    assert made["tuned.Q8_0.gguf"].metadata["general.name"] == "tuned"

    f16, more = place / "tuned.f16.gguf", model.parent / "more"
    again = slingshot("gguf", f16, "--types", "bf16,Q6_K", "--out", more, "--name", "mine")
    assert again.returncode == 0, again.stderr
    found = {path.name: read_gguf(path).file_type for path in more.iterdir()}
    assert found == {"mine.bf16.gguf": "bf16", "mine.Q6_K.gguf": "Q6_K"}
    refused(slingshot("gguf", f16, "--types", "f16"), 2, "is f16 already; name other types")


def test_what_was_asked_wrongly_is_refused_before_any_work(model, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "x.dat").write_bytes(b"nothing")
    for arguments, words in (
        ({"types": "Q8_0,Q5_K_N"}, "unknown type; did you mean Q5_K_."),
        ({"types": "Q8_0,IQ1_S"}, "IQ1_S: needs an importance matrix"),
        ({"types": ","}, "names no type"),
        ({"imatrix": tmp_path / "x.dat"}, "this is no importance matrix"),
        ({"model": str(tmp_path)}, "no config.json in this folder"),
        ({"model": str(tmp_path / "none.gguf")}, "there is no such GGUF file"),
    ):
        with pytest.raises(RequestError, match=words):
            gguf(**{"model": str(model), "out": out, **arguments})
    assert not out.exists()
