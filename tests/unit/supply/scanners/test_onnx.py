"""ONNX files: other files, operators of others, and the honest ones of every exporter."""

import random

import numpy as np
import pytest

from bartizan.formats.content import Budget, Window
from bartizan.supply.scanners.onnx import SCANNER, external_names
from bartizan.supply.scanners.scanner import Item, Situation
from model_files import onnx_external, onnx_model, onnx_node, pb
from scanned import Scanned, is_clean, scanned


def nested(depth: int) -> bytes:
    """A node with a graph in it, with a node with a graph in it ..."""
    node = onnx_node("Deepest", domain="evil")
    for _ in range(depth):
        attribute = pb(1, "then_branch") + pb(6, pb(1, node)) + pb(20, 5)
        node = onnx_node("If", attributes=pb(5, attribute))
    return node


def of(
    *nodes: bytes, tensors: tuple[bytes, ...] = (), beside: frozenset[str] | None = None
) -> Scanned:
    return scanned(SCANNER, onnx_model(*nodes, tensors=tensors), path="m.onnx", beside=beside)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the converter, with numpy 2.4
def test_models_of_skl2onnx_are_clean() -> None:
    skl2onnx = pytest.importorskip("skl2onnx")
    from sklearn.ensemble import (  # noqa: PLC0415 (slow to import)
        HistGradientBoostingClassifier,
        RandomForestRegressor,
    )
    from sklearn.neighbors import KNeighborsClassifier  # noqa: PLC0415 (slow to import)

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 4)).astype(np.float32), rng.integers(0, 2, 80)
    for model in (
        RandomForestRegressor(5),
        HistGradientBoostingClassifier(max_iter=3),
        KNeighborsClassifier(),
    ):
        raw = skl2onnx.to_onnx(model.fit(x, y), x[:1]).SerializeToString()
        assert is_clean(scanned(SCANNER, raw), raw), model


def test_models_of_onnxmltools_are_clean() -> None:
    tools = pytest.importorskip("onnxmltools")
    lightgbm, xgboost = pytest.importorskip("lightgbm"), pytest.importorskip("xgboost")
    from onnxmltools.convert.common.data_types import (  # noqa: PLC0415 (slow to import)
        FloatTensorType,
    )

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 4)), rng.integers(0, 2, 80)
    inputs = [("x", FloatTensorType([None, 4]))]
    boosted = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(x, y)
    raw = tools.convert_lightgbm(boosted, initial_types=inputs).SerializeToString()
    assert is_clean(scanned(SCANNER, raw), raw)
    trees = xgboost.XGBClassifier(n_estimators=3).fit(x, y)
    raw = tools.convert_xgboost(trees, initial_types=inputs).SerializeToString()
    assert is_clean(scanned(SCANNER, raw), raw)


def test_a_network_with_its_own_functions_is_clean() -> None:
    """As torch.onnx writes it: operators of its own, built from ONNX's."""
    function = (
        pb(1, "Rank") + pb(4, "x") + pb(5, "y") + pb(7, onnx_node("Shape")) + pb(10, "pkg.torch")
    )
    weights = pb(1, 64) + pb(2, 1) + pb(8, "w") + pb(9, np.ones(64, np.float32).tobytes())
    raw = onnx_model(
        onnx_node("Rank", domain="pkg.torch"),
        onnx_node("Relu"),
        tensors=(weights,),
        rest=pb(25, function),
    )
    assert is_clean(scanned(SCANNER, raw), raw)


@pytest.mark.parametrize(
    "location",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "a/../../b",
        "..",
        "C:\\windows\\x",
        "\\\\server\\share",
        "a\\..\\..\\b",
        "file:///etc/passwd",
        "~/.ssh/id_rsa",
        "w.bin\x00/../x",
        " ../x",
    ],
)
def test_weights_outside_of_the_folder_are_malicious(location: str) -> None:
    """CVE-2022-25882, CVE-2024-27318, CVE-2025-51480."""
    found = of(onnx_node("Relu"), tensors=(onnx_external(location),), beside=frozenset())
    assert (found.verdict, found.rules) == ("malicious", {"onnx.external"})


def test_weights_in_an_attribute_of_a_subgraph_are_found() -> None:
    constant = onnx_node(
        "Constant", attributes=pb(5, pb(1, "value") + pb(5, onnx_external("../x")))
    )
    branch = pb(5, pb(1, "then_branch") + pb(6, pb(1, constant)))
    assert of(onnx_node("If", attributes=branch)).verdict == "malicious"


def test_weights_beside_the_file_are_fine_if_they_are_there() -> None:
    tensors = (onnx_external("./data/w.bin"), onnx_external("v.bin"))
    there = of(tensors=tensors, beside=frozenset({"data/w.bin", "v.bin"}))
    assert not there.notices
    assert not there.fault
    missing = of(tensors=tensors, beside=frozenset({"v.bin"}))
    assert [(n.verdict, n.what) for n in missing.notices] == [("inconclusive", "./data/w.bin")]
    assert of(tensors=tensors).verdict == "inconclusive"


@pytest.mark.parametrize(
    "domain", ["ai.onnx.contrib", "custom", "com.microsoft.evil", "ai.onnx.ml2"]
)
def test_operators_of_others_are_suspicious(domain: str) -> None:
    found = of(onnx_node("Evil", domain=domain))
    assert (found.verdict, found.rules) == ("suspicious", {"onnx.domain"})
    assert found.notices[0].what == f"{domain}.Evil"


@pytest.mark.parametrize(
    "domain", ["", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "com.microsoft"]
)
def test_operators_of_the_runtime_are_clean(domain: str) -> None:
    assert of(onnx_node("Relu", domain=domain)).verdict == "clean"


@pytest.mark.parametrize("operator", ["PythonOp", "ATen", "EPContext"])
def test_operators_that_run_foreign_code_are_suspicious(operator: str) -> None:
    assert of(onnx_node(operator, domain="com.microsoft")).rules == {"onnx.operator"}


def test_compiled_code_outside_of_the_folder_is_malicious() -> None:
    attribute = pb(5, pb(1, "ep_cache_context") + pb(4, "../evil.so") + pb(20, 3))
    assert (
        of(onnx_node("EPContext", domain="com.microsoft", attributes=attribute)).verdict
        == "malicious"
    )


def test_the_last_of_two_names_counts_and_so_does_the_first() -> None:
    node = onnx_node("Relu") + pb(7, "evil") + pb(7, "")
    assert of(node).rules == {"onnx.domain"}


def test_subgraphs_are_walked_and_absurd_nesting_is_inconclusive() -> None:
    assert of(nested(20)).rules == {"onnx.domain"}
    deep = of(nested(2000))
    assert deep.verdict == "inconclusive"
    assert "deep" in deep.fault


def test_numbers_by_the_million_are_passed_over() -> None:
    """One field a number, as in attributes of trees."""
    floats, whole = b"\x3d\x00\x00\x80\x3f" * 300_000, b"\x40\xff\x01" * 300_000
    attribute = pb(1, "values") + floats + whole + pb(5, onnx_external("../x")) + floats
    found = of(onnx_node("TreeEnsembleRegressor", domain="ai.onnx.ml", attributes=pb(5, attribute)))
    assert found.rules == {"onnx.external"}


def test_what_came_before_a_fault_is_told() -> None:
    raw = onnx_model(onnx_node("Evil", domain="evil")) + b"\x3b"
    found = scanned(SCANNER, raw)
    assert found.rules == {"onnx.domain"}
    assert found.fault


def test_another_protocol_buffer_is_left_to_others() -> None:
    assert (
        scanned(SCANNER, pb(1, 1) + pb(2, pb(2, pb(1, pb(1, "n") + pb(2, "ReadFile"))))).covered
        == 0
    )
    found = scanned(SCANNER, b"not a model", path="m.onnx")
    assert (found.covered, found.verdict) == (0, "clean")


@pytest.mark.parametrize("seed", range(40))
def test_text_is_never_taken_for_a_damaged_model(seed: int) -> None:
    """Line ends, colons and quotes are tags of fields, so that text may begin like a model."""
    signs = '\n\n:"*jJz {}()=abc012'
    rng = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    for _ in range(300):
        text = "".join(rng.choices(signs, k=120)).encode()
        assert not scanned(SCANNER, text, path="notes.txt").fault


def test_names_of_files_that_belong_to_a_model_are_told_to_whoever_scans_the_folder() -> None:
    raw = onnx_model(tensors=(onnx_external("./w.bin"), onnx_external("../out")))
    item = Item(content=Window.of(raw), path="m.onnx")
    situation = Situation(budget=Budget.for_file(len(raw)))
    assert external_names(item, situation) == {"w.bin"}


PROTOCOL_4, PROTOCOL_5 = b"\x80\x04", b"\x80\x05"
"""To a reader of protocol buffers, a field that no model has, and the tag of its value."""


def begun(first: bytes) -> bytes:
    """Reads like a model with a graph for some bytes, and then like no message at all."""
    return first + pb(7, pb(11, b"ab")) + b"\x07\x07"


@pytest.mark.parametrize(
    "first", [PROTOCOL_4 + b"\x95\x01", PROTOCOL_5 + b"\x95\x01", b"BZ" + b"h91AY&SY" + bytes(82)]
)
def test_pickles_and_bzip2_that_read_like_the_beginning_of_a_model_are_not_its_damage(
    first: bytes,
) -> None:
    raw = begun(first)
    assert SCANNER.plausible(raw, Item(content=Window.of(raw), path="m.joblib"))
    assert not scanned(SCANNER, raw, path="m.joblib").fault
    assert scanned(SCANNER, raw, path="m.onnx").fault


def test_the_damage_of_a_model_is_told_whatever_it_is_called() -> None:
    assert scanned(SCANNER, begun(pb(1, 8)), path="m.bin").fault


def test_a_group_in_front_hides_no_model() -> None:
    hidden = b"\x2b" + pb(1, bytes(5000)) + b"\x2c" + onnx_model(onnx_node("PythonOp"))
    assert SCANNER.plausible(hidden[:4096], Item(content=Window.of(hidden), path="m.bin"))
    assert not is_clean(scanned(SCANNER, hidden, path="m.bin"), hidden)
