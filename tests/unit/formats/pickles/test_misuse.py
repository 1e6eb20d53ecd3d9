"""Listed names put together: what pickle.load really does with such a file, and what is said of it.

Each file here calls `Sum.__call__`, a kernel of scikit-learn that a file gave whatever parts it
likes: it stands for anything that can be called and is on the list.
"""

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from networkx.classes.reportviews import OutEdgeDataView  # type: ignore[import-untyped]
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.gaussian_process.kernels import Sum
from sklearn.linear_model import LinearRegression
from sklearn.utils import Bunch

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.memory import memo
from bartizan.formats.pickles.objections import Objection

_Writer: Any = vars(pickle)["_Pickler"]
Build = Callable[[Any], None]


def objections(raw: bytes) -> tuple[Objection, ...]:
    return judged(Window.of(raw), budget=Budget.for_file(len(raw))).objections


def stated(cls: Any, **attributes: Any) -> Any:
    """An object that was never constructed."""
    made = cls.__new__(cls)
    vars(made).update(attributes)
    return made


def kernel() -> Any:
    """Calls what is no function, and says so."""
    return stated(Sum, k1=stated(LinearRegression), k2=stated(LinearRegression))


def written(build: Build) -> bytes:
    """A pickle of protocol 2, by instructions and by objects."""
    target = io.BytesIO(b"")
    writer = _Writer(target, 2)
    target.write(b"\x80\x02")
    build(writer)
    return target.getvalue() + b"."


def given_state(cls: type, state: dict[Any, Any]) -> Build:
    def build(writer: Any) -> None:
        writer.save(cls)
        writer.write(b")\x81")
        writer.save(state)
        writer.write(b"b")

    return build


def appended(before: Build) -> Build:
    def build(writer: Any) -> None:
        before(writer)
        writer.save(1.5)
        writer.write(b"a")

    return build


def item_set(cls: type, key: Any) -> Build:
    def build(writer: Any) -> None:
        writer.save(cls)
        writer.write(b")\x81")
        writer.save(key)
        writer.save(kernel())
        writer.write(b"s")

    return build


def twice(writer: Any) -> None:
    given_state(LinearRegression, {"coef_": 1})(writer)
    writer.save({"append": kernel()})
    writer.write(b"b")


def of_torch(writer: Any) -> None:
    """As PyTorch's state dicts are: a container with an attribute."""
    writer.save(OrderedDict)
    writer.write(b")R")
    writer.save({"append": kernel()})
    writer.write(b"b")


CALLS: dict[str, Build] = {
    "a method of its own": appended(given_state(LinearRegression, {"append": kernel()})),
    "a method in a second state": appended(twice),
    "an item that answers as a method": appended(item_set(Bunch, "append")),
    "an item with a computed key": appended(item_set(Bunch, np.str_("append"))),
    "an attribute of a container": appended(of_torch),
    "a table of nodes": given_state(
        TreePredictor, {"nodes": stated(LinearRegression, dtype=1, astype=kernel())}
    ),
    "flags of a table": given_state(
        pd.DataFrame,
        {"_typ": "dataframe", "_mgr": None, "_flags": stated(LinearRegression, keys=kernel())},
    ),
    "a view of the edges of a graph": given_state(
        OutEdgeDataView,
        {
            "viewer": stated(
                LinearRegression, _adjdict={}, _graph=stated(LinearRegression, nbunch_iter=kernel())
            ),
            "nbunch": "x",
        },
    ),
    "a version that has to be shown": given_state(
        LinearRegression,
        {"_sklearn_version": stated(Sum, k1=stated(LinearRegression, get_params=kernel()), k2=1)},
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_what_calls_something_is_called_harmful(name: str) -> None:
    raw = written(CALLS[name])
    with pytest.raises(TypeError, match=r"Sum\.__call__|not callable"):
        pickle.loads(raw)  # noqa: S301 (what it does is the question)
    assert objections(raw)


def test_the_parts_alone_are_what_models_are_made_of() -> None:
    assert not objections(pickle.dumps({"kernel": kernel(), "rows": Bunch(a=LinearRegression())}))


def test_a_booster_whose_text_brings_a_method() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    state = {"_handle": stated(LinearRegression, encode=kernel())}
    raw = written(given_state(lightgbm.basic.Booster, state))
    with pytest.raises(TypeError, match="not callable"):
        pickle.loads(raw)  # noqa: S301 (what it does is the question)
    assert objections(raw)


def called(name: str, *arguments: bytes) -> bytes:
    """A name, called with what instructions make."""
    module, _, last = name.rpartition(".")
    return f"c{module}\n{last}\n(".encode() + b"".join(arguments) + b"tR"


KILO = b"M\x00\x04"
GIGA = b"J\x00\x00\x00\x40"
SIZES = (
    ("builtins.bytes", GIGA),
    ("builtins.bytearray", GIGA),
    ("numpy.ndarray", GIGA),
    ("numpy.ndarray", b"(" + KILO * 4 + b"t"),
    ("fractions.Fraction", b"V1e999999999\n"),
)


@pytest.mark.parametrize(("name", "argument"), SIZES)
def test_memory_that_a_number_asks_for_is_bounded(name: str, argument: bytes) -> None:
    assert objections(called(name, argument) + b".")


def test_a_range_is_not_written_out() -> None:
    raw = called("builtins.list", called("builtins.range", GIGA)) + b"."
    assert objections(raw)
    assert not objections(pickle.dumps(range(1 << 40)))


def test_honest_sizes_pass() -> None:
    for one in (np.zeros((3, 4)), np.zeros(0), bytearray(b"x" * 99), b"x" * 99, range(9)):
        for protocol in range(6):
            assert not objections(pickle.dumps(one, protocol=protocol))


def array_type(code: bytes, *, names: bytes = b"N", size: int = -1, flags: int) -> bytes:
    made = b"cnumpy\ndtype\n(V" + code + b"\n\x89\x88tR(K\x03V|\nN" + names
    return made + b"J" + size.to_bytes(4, "little", signed=True) + b"J\xff\xff\xff\xffK%ctb" % flags


@pytest.mark.parametrize(
    "kind",
    [
        array_type(b"O8", names=b"NN", flags=0),
        array_type(b"O8", names=b"NN", flags=1),
        array_type(
            b"V8",
            names=b"(Va\nt}Va\n(" + array_type(b"O8", names=b"NN", flags=63) + b"K\x00ts",
            size=8,
            flags=0,
        ),
        array_type(
            b"V8",
            names=b"(Va\nt}Va\n(cnumpy\ndtype\n(Vi8\n\x89\x88tRM\x00\x01ts",
            size=8,
            flags=0,
        ),
        array_type(b"S8", names=b"NN", size=-4, flags=0),
    ],
)
def test_a_type_of_arrays_that_lies_about_its_items_is_told(kind: bytes) -> None:
    raw = b"\x80\x02" + kind + b"."
    assert isinstance(pickle.loads(raw), np.dtype)  # noqa: S301 (numpy believes it)
    assert any(
        one.what.startswith("a type of arrays") for one in objections(b"\x80\x02" + kind + b".")
    )


@pytest.mark.parametrize("code", [b"O", b"object", b"i8,O", b"(2,)O"])
def test_a_code_that_numpy_does_not_write_gets_no_state(code: bytes) -> None:
    assert objections(b"\x80\x02" + array_type(code, names=b"NN", flags=0) + b".")


def test_bytes_of_a_file_are_taken_for_no_addresses() -> None:
    arguments = b"K\x01\x85", b"VO\n", b"C\x08AAAAAAAA"
    assert objections(b"\x80\x03" + called("numpy.ndarray", *arguments) + b".")
    made = called("copyreg.__newobj__", b"cnumpy\nndarray\n", *arguments)
    assert objections(b"\x80\x03" + made + b".")


def test_what_everybody_shares_gets_no_state() -> None:
    for shared in (
        called("pandas.PeriodDtype", b"VD\n"),
        called("numpy.dtype", b"Vf8\n", b"\x89", b"\x89"),
        called("sklearn.utils._isfinite.FiniteStatus", b"K\x01"),
        called("numpy.dtypes.ObjectDType"),
        b"cnumpy.ma.core\nMaskedConstant\n)\x81",
    ):
        assert objections(b"\x80\x02" + shared + b"}Va\nK\x01sb.")


def test_what_may_be_endless_is_not_written_out() -> None:
    index = called(
        "pandas.core.indexes.base._new_Index", b"cpandas\nRangeIndex\n", b"}Vstop\n", GIGA, b"s"
    )
    assert not objections(b"\x80\x02" + index + b".")
    assert objections(b"\x80\x02" + called("builtins.list", index) + b".")
    number = called("decimal.Decimal", b"V1e999999999\n")
    assert objections(b"\x80\x02" + called("builtins.int", number) + b".")


def test_names_of_attributes_are_known_however_many_words_came_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memo, "_ROOM_BYTES", 20_000)
    words = {f"{number:0>150}": number for number in range(1_000)}
    models = [stated(LinearRegression, coef_=1, words=2) for _ in range(2)]
    assert not objections(pickle.dumps([words, models]))
    hidden = words | {"_parameters": 1}
    assert objections(pickle.dumps([hidden, stated(LinearRegression, _parameters=kernel())]))


def test_honest_types_of_arrays_do_not() -> None:
    for spelled in (
        "O",
        "S3",
        "U9",
        [("a", "O"), ("b", "i8", (2, 3))],
        ("O", (2,)),
        "V0",
        "<M8[ns]",
    ):
        assert not objections(pickle.dumps(np.dtype(spelled)))


def test_an_argument_that_differs_after_a_thousand_calls_is_found() -> None:
    honest = b"c_codecs\nencode\n(Vx\nVlatin1\ntR0"
    hostile = b"c_codecs\nencode\n(Vx\nVrot13\ntR0"
    assert not objections(honest * 1_200 + b"N.")
    assert objections(honest * 1_200 + hostile + b"N.")


def test_arguments_that_are_no_tuple_are_unknown() -> None:
    # The unpickler in Python hands over the items of a list one by one.
    assert objections(b"cbuiltins\nbytearray\n]" + GIGA + b"aR.")


def test_a_container_that_is_filled_after_it_was_used_holds_what_nobody_knows() -> None:
    inner, fill = b"]q\x000", b"h\x00csklearn.svm._classes\nSVC\n)\x81a0"
    outer = b"]q\x010h\x01h\x00a0"
    use = b"cpandas.core.indexes.base\n_new_Index\n(cpandas\nIndex\n}Vdata\nh\x01stR."
    assert not objections(b"\x80\x02" + inner + outer + use)
    assert objections(b"\x80\x02" + inner + outer + fill + use)
