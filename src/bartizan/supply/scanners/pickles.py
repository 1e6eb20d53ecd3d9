"""Pickles: what they would look up and run, judged by the allowlist."""

from dataclasses import replace

from bartizan.core.errors import InputError
from bartizan.formats.content import ENDLESS
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.objections import Objection, Rule
from bartizan.formats.pickles.plausible import plausible
from bartizan.formats.torch_legacy import is_torch_legacy
from bartizan.supply.scanners.notice import Notice, Verdict
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item, Reading, Scanner, Situation

_TAGS = frozenset(
    f"torch.jit._pickle.{name}"
    for name in (
        "build_intlist",
        "build_tensorlist",
        "build_doublelist",
        "build_boollist",
        "build_tensor_from_id",
        "restore_type_tag",
    )
)
"""Functions that archives of TorchScript name, and that return what they are given (PyTorch 2.13,
torch/jit/_pickle.py)."""
_SCRIPT_CLASSES = "__torch__."
"""Before the names of classes that are written in TorchScript."""
_OF_TORCH = ("torch", "torch-keys", "script")
_KEYS = (
    "PyTorch walks through what stands here, which is numbers and texts: no object belongs there"
)
_OF_SCRIPT = "it belongs to code of TorchScript, which is not read"
VERDICTS: dict[Rule, Verdict] = {
    "danger": "malicious",
    "call": "malicious",
    "computed": "malicious",
    "extension-call": "malicious",
    "trick": "malicious",
    "import": "suspicious",
    "extension": "suspicious",
    "persistent": "suspicious",
    "odd": "suspicious",
    "buffers": "inconclusive",
    "expansion": "inconclusive",
    "broken": "inconclusive",
    "trailing": "inconclusive",
}
"""What is on no list is malicious where it runs, and suspicious where it is looked up only."""


def _plausible(head: bytes, item: Item) -> bool:
    """Whether some loader might take this for a pickle.

    An old file of PyTorch begins with a pickle of a number and goes on with others that have its
    tensors; its own scanner hands those over one by one.
    """
    if item.inside not in _OF_TORCH and is_torch_legacy(head):
        return False
    return plausible(head, size_bytes=ENDLESS if item.size_bytes is None else item.size_bytes)


def _scan(item: Item, situation: Situation) -> Reading:
    """Walk through all pickles of an item, and say what speaks against them.

    Raises:
        InputError: it is no pickle after all, but a text or a table of which the first line is
            longer than a head. Whatever broke within the head is a broken pickle.
    """
    found = judged(
        item.content,
        budget=situation.budget,
        tensors=item.inside in _OF_TORCH,
        allowed=situation.allowed,
    )
    if not found.began and found.size_bytes >= HEAD_BYTES:
        message = "no pickle after all: it breaks before it asks for anything"
        raise InputError(message)
    for one in found.objections:
        if item.inside == "script" and _is_of_script(one):
            yield replace(_notice(one), verdict="inconclusive", why=_OF_SCRIPT)
        else:
            yield _notice(one)
    if item.inside == "torch-keys" and found.calls:
        yield Notice(verdict="malicious", rule="pickle.trick", where="", what="", why=_KEYS)
    return found.size_bytes


def _is_of_script(one: Objection) -> bool:
    """Whether it is about what every archive of TorchScript has.

    Its classes are made and given a state, never called: nothing that Python could run.
    """
    if one.what in _TAGS:
        return one.how in (None, "call")
    made = one.rule == "import" or (one.rule == "call" and one.how in ("new", "state"))
    return made and one.what.startswith(_SCRIPT_CLASSES)


def _notice(one: Objection) -> Notice:
    times = f" ({one.count:,} times)" if one.count > 1 else ""
    return Notice(
        verdict=VERDICTS[one.rule],
        rule=f"pickle.{one.rule}",
        where="" if one.offset is None else f"byte {one.offset:,}{times}",
        what=one.what,
        why=one.why,
    )


SCANNER = Scanner(name="pickle", plausible=_plausible, scan=_scan)
