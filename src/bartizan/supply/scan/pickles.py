"""Pickles: what they would look up and run, judged by the allowlist."""

from dataclasses import replace

from bartizan.core.errors import InputError
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.objections import Objection, Rule
from bartizan.formats.pickles.plausible import ENDLESS, plausible
from bartizan.formats.torch_legacy import is_torch_legacy
from bartizan.supply.scan.notice import Notice, Verdict
from bartizan.supply.scan.scanner import HEAD_BYTES, Item, Reading, Scanner, Situation

_SCRIPT = ("__torch__.", "torch.jit._pickle.")
"""Names that archives of TorchScript use, which Python's unpickler never reads."""
_OF_SCRIPT = "it belongs to code of TorchScript, which is not read"
VERDICTS: dict[Rule, Verdict] = {
    "danger": "malicious",
    "call": "malicious",
    "computed": "malicious",
    "extension-call": "malicious",
    "import": "suspicious",
    "extension": "suspicious",
    "persistent": "suspicious",
    "odd": "suspicious",
    "buffers": "inconclusive",
    "broken": "inconclusive",
    "trailing": "inconclusive",
}
"""What is on no list is malicious where it runs, and suspicious where it is looked up only."""


def _plausible(head: bytes, item: Item) -> bool:
    """Whether some loader might take this for a pickle.

    An old file of PyTorch begins with a pickle of a number and goes on with others that have its
    tensors; its own scanner hands those over one by one.
    """
    if item.inside != "torch" and is_torch_legacy(head):
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
        tensors=item.inside == "torch",
        allowed=situation.allowed,
    )
    if not found.began and found.size_bytes >= HEAD_BYTES:
        message = "no pickle after all: it breaks before it asks for anything"
        raise InputError(message)
    for one in found.objections:
        if item.inside == "torch" and one.what.startswith(_SCRIPT):
            yield replace(_notice(one), verdict="inconclusive", why=_OF_SCRIPT)
        else:
            yield _notice(one)
    return found.size_bytes


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
