import pickle
from typing import Any, get_args

import pytest

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.objections import Rule
from bartizan.supply.scan.notice import Notice, Verdict, worst
from bartizan.supply.scan.pickles import SCANNER, VERDICTS
from bartizan.supply.scan.scanner import Item, Situation


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


def test_hidden_setters_run_nothing_but_what_is_on_the_list() -> None:
    # An attribute of the object's own is called as its __setstate__; that is why everything on
    # the list was reviewed for one argument of any kind, and why partial is on none.
    raw = pickle.dumps({"__setstate__": print})
    assert verdict(raw) == "suspicious"
