import pickle
from typing import Any, get_args

import numpy as np
import pytest

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.objections import Rule
from bartizan.supply.scanners.notice import Notice, Verdict, worst
from bartizan.supply.scanners.pickles import SCANNER, VERDICTS
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item, Situation


def scanned(raw: bytes, *, allowed: tuple[str, ...] = (), **facts: Any) -> tuple[list[Notice], int]:
    item = Item(content=Window.of(raw), path="m.pkl", size_bytes=len(raw), **facts)
    situation = Situation(budget=Budget.for_file(len(raw)), allowed=frozenset(allowed))
    reading, found = SCANNER.scan(item, situation), list[Notice]()
    while True:
        try:
            one = next(reading)
        except StopIteration as done:
            return found, done.value
        assert isinstance(one, Notice)
        found.append(one)


def verdict(raw: bytes, **facts: Any) -> Verdict:
    return worst(one.verdict for one in scanned(raw, **facts)[0])


def test_every_rule_has_a_verdict_and_none_is_clean() -> None:
    assert set(VERDICTS) == set(get_args(Rule))
    assert "clean" not in VERDICTS.values()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"cos\nsystem\n(S'id'\ntR.", "malicious"),  # REDUCE
        (b"(S'id'\nios\nsystem\n.", "malicious"),  # INST
        (b"(cos\nsystem\nS'id'\no.", "malicious"),  # OBJ
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.", "malicious"),  # STACK_GLOBAL
        (b"\x80\x04\x8c\x06shutil\x8c\x09os.system\x93\x8c\x02id\x85R.", "malicious"),  # dotted
        (b"\x80\x02c__builtin__\neval\n(S'1'\ntR0N.", "malicious"),  # popped, of Python 2
        (b"cos\nsystem\n(S'id'\ntR\xff", "malicious"),  # broken after the call
        (b"cos\nsystem\n.", "malicious"),  # a mere import
        (b"cshop\nRatio\n.", "suspicious"),  # unknown, looked up only
        (b"cshop\nRatio\n)\x81.", "malicious"),  # unknown, made
        (b"cshop\nRatio\n)\x81}b.", "malicious"),
        (b"csklearn.svm._classes\nSVC\n)\x81}b.", "clean"),
        (b"csklearn.svm._classes\nSVC\n}b.", "malicious"),  # a class is changed
        (b"csklearn.svm._classes\nSVC\n)\x81)R.", "malicious"),  # something computed
        (b"cbuiltins\ntype\n(S'A'\n)}tR.", "malicious"),  # a class is made
        (b"c_codecs\nencode\n(S'a'\nS'rot13'\ntR.", "malicious"),
        (b"ccopyreg\n_reconstructor\n(cos\nsystem\ncbuiltins\nobject\nNtR.", "malicious"),
        (b"\x80\x02\x82\xf0.", "suspicious"),  # EXT1
        (b"\x80\x02\x82\xf0)R.", "malicious"),
        (b"P1\n.", "suspicious"),  # PERSID
        (b"]", "inconclusive"),  # cut
        (b"]\xff", "inconclusive"),  # broken
        (b"].\x00\x00\x00\x00", "inconclusive"),  # more bytes
        (b"]cos\nsystem\n(S'id'\ntRa." + b"].", "malicious"),
        (pickle.dumps(b"cos\nsystem\n(S'id'\ntR."), "clean"),  # inert until somebody loads it
    ],
)
def test_a_pickle_gets_the_verdict_that_it_deserves(raw: bytes, expected: Verdict) -> None:
    assert verdict(raw) == expected
    item = Item(content=Window.of(raw), path="m.pkl")
    assert SCANNER.plausible(raw, item) or expected != "malicious"


RUN = b"0cos\nsystem\n(S'true'\ntR."


@pytest.mark.parametrize(
    "first",
    [
        b"V" + b"a" * 5_000 + b"\n",
        b"S'" + b"a" * 5_000 + b"'\n",
        b"F1." + b"0" * 5_000 + b"\n",
        b"I" + b"1" * 5_000 + b"\n",
        b"T\x88\x13\x00\x00" + b"a" * 5_000,
        b"X\x00\x20\x00\x00" + b"a" * 8_192,
        b"NV" + b"the quick brown fox. " * 300 + b"\n0",
    ],
)
def test_an_instruction_longer_than_a_head_hides_nothing(first: bytes) -> None:
    item = Item(content=Window.of(first + RUN), path="m.pkl", size_bytes=len(first + RUN))
    assert SCANNER.plausible((first + RUN)[:HEAD_BYTES], item)
    assert verdict(first + RUN) == "malicious"


@pytest.mark.parametrize(
    "first",
    [
        b"Np" + b"0" * 4_200 + b"1\n",
        b"Np1\ng" + b"0" * 4_200 + b"1\n0",
        b"Np" + b" " * 9_000 + b"1\n",
        b"I" + b" " * 9_000 + b"1\n",
        b"L" + b" " * 9_000 + b"1L\n",
        b"F" + b" " * 9_000 + b"1.5\n",
    ],
)
def test_a_number_behind_more_blanks_or_zeros_than_are_kept_is_not_known(first: bytes) -> None:
    item = Item(content=Window.of(first + RUN), path="m.pkl", size_bytes=len(first + RUN))
    assert SCANNER.plausible((first + RUN)[:HEAD_BYTES], item)
    assert verdict(first + RUN) == "inconclusive"


@pytest.mark.parametrize("word", ["Value", "State", "Income", "Loan", "Price", "count", "index"])
@pytest.mark.parametrize("row", [b"1,2,3", b"0,1,2", b"customer 1,x", b"index,b", b"Paul,b"])
def test_a_table_with_a_long_first_line_is_no_pickle_after_all(word: str, row: bytes) -> None:
    header = ",".join([word, *(f"{word}_{number}" for number in range(1_500))]).encode()
    with pytest.raises(InputError, match="no pickle after all"):
        scanned(header + b"\n" + b"\n".join([row] * 50))


def test_what_runs_into_our_limits_is_a_pickle() -> None:
    raw = b"V" + b"a" * 5_000 + b"\n" + b"N0" * 2_000
    item = Item(content=Window.of(raw), path="m.pkl", size_bytes=len(raw))
    reading = SCANNER.scan(item, Situation(budget=Budget(0, opcodes=1_000)))
    assert [one.rule for one in reading if isinstance(one, Notice)] == ["pickle.broken"]


def test_all_bytes_are_accounted_for_and_places_are_named() -> None:
    raw = b"]cshop\nRatio\n0cshop\nRatio\na."
    (found,), size = scanned(raw)
    assert size == len(raw)
    assert found == Notice(
        verdict="suspicious",
        rule="pickle.import",
        where="byte 1 (2 times)",
        what="shop.Ratio",
        why=found.why,
    )
    assert "not on the list" in found.why


def test_classes_of_the_policy_are_allowed() -> None:
    assert verdict(b"cshop\nRatio\n)\x81}b.", allowed=("shop.Ratio",)) == "clean"


def test_tensors_of_pytorch_are_asked_for_by_persistent_id() -> None:
    raw = b"\x80\x02(X\x01\x00\x00\x000tQ."
    assert verdict(raw) == "suspicious"
    assert verdict(raw, inside="torch") == "clean"


def made(module: bytes, name: bytes, end: bytes = b"") -> bytes:
    return b"\x80\x02c" + module + b"\n" + name + b"\n" + end + b"."


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (made(b"__torch__.shop", b"Net"), "inconclusive"),
        (made(b"__torch__.shop", b"Net", b")\x81}b"), "inconclusive"),
        (made(b"torch.jit._pickle", b"build_intlist", b"(]tR"), "inconclusive"),
        (made(b"__torch__.shop", b"run", b")R"), "malicious"),
        (made(b"__torch__", b"os.system"), "malicious"),
        (made(b"torch.jit._pickle", b"__loader__.set_data", b"(]tR"), "malicious"),
        (made(b"torch.jit._pickle", b"build_intlist.__globals__"), "malicious"),
        (made(b"torch.jit._pickle", b"build_intlist", b"}b"), "malicious"),
    ],
)
def test_only_what_every_archive_of_torchscript_has_is_forgiven_there(
    raw: bytes, expected: Verdict
) -> None:
    assert verdict(raw, inside="script") == expected
    elsewhere = verdict(raw, inside="torch")
    assert elsewhere in ("malicious", "suspicious")


SVC = b"csklearn.svm._classes\nSVC\n)\x81"
LISTED = b"cnumpy\nabs\n"


@pytest.mark.parametrize(
    "raw",
    [
        SVC + b"}S'__setstate__'\n" + LISTED + b"sb]b.",
        SVC + b"}(S'C'\nI1\nV__setstate__\n" + LISTED + b"ub]b.",
        SVC + b"(S'__setstate__'\n" + LISTED + b"db]b.",
        SVC + b"N}S'__class__'\ncsklearn.svm._classes\nSVR\ns\x86b.",
        SVC + b"ccollections\nOrderedDict\n](S'__reduce_ex__'\n" + LISTED + b"\x86e\x85Rb.",
        SVC + b"ccollections\nOrderedDict\n](](S'__reduce_ex__'\n" + LISTED + b"ee\x85Rb.",
    ],
)
def test_an_attribute_that_python_itself_looks_for_is_told(raw: bytes) -> None:
    assert verdict(raw) in ("suspicious", "malicious")
    assert any(one.what.startswith("an attribute that changes") for one in scanned(raw)[0])


def test_words_in_a_vocabulary_and_names_in_other_places_are_no_such_attribute() -> None:
    words = {"__init__": 0, "__setstate__": np.int64(1), "__class__": "x", "a": np.float64(2)}
    assert verdict(pickle.dumps(words)) == "clean"
    assert verdict(SVC + b"}S'__kernel'\n" + LISTED + b"sb.") == "clean"


def test_a_hidden_setter_is_malicious_even_where_it_is_on_the_list() -> None:
    # An attribute of the object's own is called as its __setstate__.
    raw = pickle.dumps({"__setstate__": len})
    assert verdict(raw) == "malicious"
