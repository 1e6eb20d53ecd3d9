import os
import pickle
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch as tensors
import torch

from bartizan.adapt import bind, load_model
from bartizan.adapt.networks.weights import read_weights
from bartizan.core.errors import ConfigError, InputError, MissingExtraError, UnsafeFormatError
from bartizan.crypto.oms.manifest import Manifest
from unit.adapt import samples

torch.set_num_threads(1)
X, _ = samples.arrays(3)
SOURCE = """
import torch
def make(width=8):
    torch.manual_seed(3)
    first = torch.nn.Linear(4, width)
    return torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Linear(width, 3))
def wide():
    return make(9)
def tied():
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.one = torch.nn.Linear(4, 4)
            self.two = torch.nn.Linear(4, 4)
            self.two.weight = self.one.weight
            self.end = torch.nn.Linear(4, 3)
        def forward(self, x):
            return self.end(self.two(self.one(x).relu()))
    return Tied()
whole = make()
def score(rows):
    return rows[:, :3]
def scorer():
    return score
def shifted():
    class Shifted(torch.nn.Sequential):
        def forward(self, x):
            return super().forward(x) + torch.tensor([0.0, 0.0, 0.5])
    return Shifted(*make())
def restless():
    class Restless(torch.nn.Sequential):
        def forward(self, x):
            return super().forward(torch.nn.functional.dropout(x, 0.5, training=True))
    return Restless(*make())
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of factories, under a name of its own."""
    name = f"made_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def net(seed: int = 7, width: int = 8) -> Any:
    torch.manual_seed(seed)
    first = torch.nn.Linear(4, width)
    return torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Linear(width, 3))


def saved(made: Any, path: Path) -> Path:
    """Weights in the form that the file's name says."""
    state = made.state_dict() if hasattr(made, "state_dict") else made
    if path.suffix == ".safetensors":
        tensors.save_file(state, path)
    elif path.stem == "old":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    else:
        torch.save({"state_dict": state, "epoch": 3} if path.stem == "checkpoint" else state, path)
    return path


@pytest.mark.parametrize("name", ["m.safetensors", "m.pt", "old.pt", "checkpoint.pt"])
def test_weights_of_a_file_go_into_the_factorys_module(
    module: str, tmp_path: Path, name: str
) -> None:
    made = net()
    path = saved(made, tmp_path / name)
    model = load_model(f"{module}:make", weights=path)
    bound = bind(model, samples.table(3))
    with torch.no_grad():
        expected = made(torch.from_numpy(X.astype(np.float32))).numpy()
    np.testing.assert_allclose(bound.scores(X), expected, atol=1e-6)
    assert model.digest == bound.digest == Manifest.of_content(path.read_bytes()).root
    assert model.digest_kind == bound.digest_kind == "oms-root"
    assert model.format == "factory"


def test_a_model_with_weights_is_made_again_in_another_process(module: str, tmp_path: Path) -> None:
    model = load_model(f"{module}:make", weights=saved(net(), tmp_path / "m.safetensors"))
    state = pickle.dumps(model)
    assert b"torch" not in state.replace(model.content or b"", b"")
    (tmp_path / "m.safetensors").unlink()
    again = pickle.loads(state)  # noqa: S301 (made here)
    first, second = (bind(one, samples.table(3)).scores(X) for one in (model, again))
    np.testing.assert_array_equal(first, second)


def test_the_same_weights_under_another_forward_pass_are_another_model(
    module: str, tmp_path: Path
) -> None:
    """Else --resume would take over what was found out about the old code."""
    path = saved(net(), tmp_path / "m.safetensors")
    made, again, shifted = (
        bind(load_model(f"{module}:{name}", weights=path), samples.table(3))
        for name in ("make", "make", "shifted")
    )
    assert made.digest == shifted.digest
    assert made.binding == again.binding
    assert made.binding != shifted.binding
    assert not made.drift()


def test_randomness_in_the_code_beside_the_weights_is_noticed(module: str, tmp_path: Path) -> None:
    path = saved(net(), tmp_path / "m.safetensors")
    restless = bind(load_model(f"{module}:restless", weights=path), samples.table(3))
    assert "or is random" in restless.drift()


def test_a_factory_alone_and_a_module_under_a_name_need_no_file(module: str) -> None:
    made, whole = (load_model(f"{module}:{name}") for name in ("make", "whole"))
    first, second = (bind(one, samples.table(3)) for one in (made, whole))
    np.testing.assert_array_equal(first.scores(X), second.scores(X))
    assert first.digest_kind == "probe"
    assert first.digest == second.digest


def test_a_tensor_under_two_names_may_be_kept_under_one(module: str, tmp_path: Path) -> None:
    tied = load_model(f"{module}:tied").open()
    path = tmp_path / "tied.safetensors"
    tensors.save_model(tied, str(path))
    with torch.no_grad():
        expected = tied(torch.from_numpy(X.astype(np.float32))).numpy()
    again = bind(load_model(f"{module}:tied", weights=path), samples.table(3))
    np.testing.assert_allclose(again.scores(X), expected, atol=1e-6)


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod."])
def test_names_that_a_wrapper_put_before_tensors_are_taken_off(
    module: str, tmp_path: Path, wrapper: str
) -> None:
    plain = load_model(f"{module}:make").raw.state_dict()
    file = tmp_path / "w.pt"
    torch.save({wrapper + key: value + 1 for key, value in plain.items()}, file)
    made = load_model(f"{module}:make", weights=file).raw.state_dict()
    assert all(torch.equal(made[key], value + 1) for key, value in plain.items())
    torch.save({wrapper + key: value for key, value in [*plain.items()][:2]}, file)
    with pytest.raises(InputError, match="lacks 4 of the module's 4 tensors"):
        load_model(f"{module}:make", weights=file)


def test_missing_unknown_and_misshapen_tensors_are_named(module: str, tmp_path: Path) -> None:
    state = net().state_dict()
    lacking = saved({k: v for k, v in state.items() if k != "2.bias"}, tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=r"lacks 1 of the module's 4 tensors: 2\.bias"):
        load_model(f"{module}:make", weights=lacking)
    renamed = {k.replace("2.bias", "2.biass"): v for k, v in state.items()}
    with pytest.raises(InputError, match=r"lacks 1 .*2\.bias; did you mean '2\.biass'"):
        load_model(f"{module}:make", weights=saved(renamed, tmp_path / "b.safetensors"))
    more = saved({**state, "3.bias": torch.zeros(2)}, tmp_path / "c.safetensors")
    with pytest.raises(InputError, match=r"1 tensors that the module does not know: 3\.bias"):
        load_model(f"{module}:make", weights=more)
    with pytest.raises(
        InputError, match=r"'0\.weight' of shape \(8, 4\), the module wants \(9, 4\)"
    ):
        load_model(f"{module}:wide", weights=saved(state, tmp_path / "d.pt"))


@pytest.mark.parametrize("name", ["m.safetensors", "m.pt", "old.pt"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_file_that_is_cut_off_is_told(
    module: str, tmp_path: Path, name: str, part: float
) -> None:
    path = saved(net(width=64), tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(InputError, match=r"fetch it again|cut off or misnamed"):
        load_model(f"{module}:make", weights=path)


class Payload:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.trace),))


@pytest.mark.parametrize("how", ["torch.save", "legacy torch.save", "beside tensors", "pickle"])
@pytest.mark.parametrize("bare", [True, False])
def test_code_in_a_file_of_weights_does_not_run(
    module: str, tmp_path: Path, how: str, *, bare: bool
) -> None:
    trace, path = tmp_path / "trace", tmp_path / "m.pt"
    if how == "pickle":
        path.write_bytes(pickle.dumps(Payload(trace)))
    elif how == "legacy torch.save":
        torch.save(Payload(trace), path, _use_new_zipfile_serialization=False)
    else:
        held = {"w": torch.zeros(3), "p": Payload(trace)}
        torch.save(Payload(trace) if how == "torch.save" else held, path)
    with pytest.raises(UnsafeFormatError):
        load_model(path) if bare else load_model(f"{module}:make", weights=path)
    assert not trace.exists()


def test_a_whole_module_is_refused_unless_asked_for_by_name(tmp_path: Path) -> None:
    path = tmp_path / "whole.pt"
    torch.save(net(), path)
    with pytest.raises(UnsafeFormatError, match=r"more than tensors; .*safetensors"):
        load_model(path)
    model = load_model(path, unsafe_load_pickle=True)
    assert "whatever code is in it has run" in model.notes[0]
    assert bind(model, samples.table(3)).scores(X).shape == (samples.N, 3)


@pytest.mark.parametrize("name", ["m.safetensors", "m.pt"])
def test_weights_without_a_factory_say_how_to_name_one(tmp_path: Path, name: str) -> None:
    path = saved(net(), tmp_path / name)
    with pytest.raises(InputError, match=r"holds weights only; .*module:factory.*weights="):
        load_model(path)


@pytest.mark.parametrize("kind", ["export", "script"])
@pytest.mark.parametrize("bare", [True, False])
def test_archives_that_hold_a_program_are_refused(
    module: str, tmp_path: Path, kind: str, *, bare: bool
) -> None:
    path = tmp_path / "m.pt2"
    if kind == "export":
        torch.export.save(torch.export.export(net(), (torch.zeros(2, 4),)), path)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch is giving the format up
            torch.jit.save(torch.jit.trace(net(), torch.zeros(2, 4)), path)
    with pytest.raises(UnsafeFormatError, match=r"torch\.export|TorchScript"):
        load_model(path) if bare else load_model(f"{module}:make", weights=path)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = saved({"w": torch.zeros(100_000)}, tmp_path / "m.pt")
    packed = tmp_path / "packed.pt"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert packed.stat().st_size < 10_000
    with pytest.raises(InputError, match="more than the limit of 100000"):
        read_weights(packed.read_bytes(), where="m.pt", limit_bytes=100_000)


def test_weights_need_a_factory_of_a_module(module: str, tmp_path: Path) -> None:
    path = saved(net(), tmp_path / "m.safetensors")
    with pytest.raises(InputError, match="the factory made a function"):
        load_model(f"{module}:scorer", weights=path)
    with pytest.raises(ConfigError, match="weights go with a factory"):
        load_model(path, weights=path)


def test_other_content_is_no_file_of_weights(module: str, tmp_path: Path) -> None:
    for content, said in ((b"nothing", "nothing known"), (b"PAR1", "parquet")):
        (tmp_path / "m.pt").write_bytes(content)
        with pytest.raises(InputError, match=f"its content looks like {said}"):
            load_model(f"{module}:make", weights=tmp_path / "m.pt")
    torch.save([torch.zeros(2)], tmp_path / "m.pt")
    with pytest.raises(InputError, match="holds a list, not tensors by name"):
        load_model(f"{module}:make", weights=tmp_path / "m.pt")
    with pytest.raises(InputError, match="there is no file"):
        load_model(f"{module}:make", weights=tmp_path / "none.pt")


@pytest.mark.parametrize(("name", "lacks"), [("m.safetensors", "safetensors"), ("m.pt", "torch")])
def test_without_the_library_the_extra_is_named(
    tmp_path: Path, name: str, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(net(), tmp_path / name)
    for known in (lacks, f"{lacks}.torch"):
        monkeypatch.setitem(sys.modules, known, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'bartizan\[torch\]'"):
        load_model(path)
