"""What speaks against opening a pickle. Scanner and loader both ask here, so they cannot disagree.

The allowlist decides. A name that is not on it may not be used; what is known of the name only
says how bad that is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bartizan.formats.pickles.array_types import HIDES
from bartizan.formats.pickles.arrays import ZONE
from bartizan.formats.pickles.dangers import danger_of
from bartizan.formats.pickles.effects.keys import HASHED, HOOK, READ
from bartizan.formats.pickles.memory.values import ASKING
from bartizan.formats.pickles.misuse import DONE_BY, misuse
from bartizan.formats.pickles.roles import Listed, Role, listed
from bartizan.formats.pickles.sizes import oversize
from bartizan.formats.pickles.trace import Called, How, Imported, Name, Trace

Rule: TypeAlias = Literal[
    "danger", "call", "import", "computed", "extension-call", "extension", "persistent",
    "buffers", "trick", "odd", "expansion", "broken", "trailing",
]  # fmt: skip
"""`danger`: a name that attacks use; `call`: something runs that the list does not let run;
`import`: a name that is not on the list is looked up; `computed`: what is called comes out of a
call; `extension-call`, `extension`: a name stands behind a number; `persistent`: an object is
asked of the program that opens it; `buffers`: bytes outside of the file are; `trick`: honest
things put together so that a library does what the file wants; `odd`: written by no pickler;
`expansion`: small, and endless for whoever prints or compares it; `broken`: it ends before it
should; `trailing`: bytes after its end that are no pickle."""

_TRICKS = (HOOK, READ, HASHED, HIDES, ZONE, ASKING)
_TRICK = "no pickler writes this; it makes a library do what the file wants while it is opened"
_ODD = "no pickler writes this; it serves to mislead who reads the file"
_UNKNOWN = (
    "it is not on the list of names that models are made of, and looking it up runs its module"
)


_UNFOLDS = 100_000_000
"""Values that are printed in a minute."""
_SHARED = 4
"""A pickle of n bytes in which containers hold others of plain values unfolds to (n / 4)**2 at
most: an entry takes two bytes, and half of them are what is shared. That is how models share
vocabularies; more takes sharing within sharing."""
_CLASSES: tuple[Role, ...] = ("class", "shell")
"""What may be made where a function is told what to make."""


@dataclass(frozen=True, kw_only=True)
class Objection:
    """One reason."""

    rule: Rule
    what: str
    """The name that is looked up; empty = there is none."""
    why: str
    """One sentence."""
    how: How | None = None
    """How it runs; none = it is looked up only, or nothing runs."""
    offset: int | None = None
    """First place in the stream, in bytes; none = all of it."""
    count: int = 1


def objections(
    trace: Trace, *, tensors: bool = False, allowed: frozenset[str] = frozenset()
) -> tuple[Objection, ...]:
    """Everything that speaks against opening a pickle, in its own order; equal ones once.

    Args:
        trace: What the pickle would do.
        tensors: Whether it belongs to an archive of PyTorch, where persistent ids are usual, and
            names of PyTorch.
        allowed: ``module.name`` of classes that the user's policy allows.
    """
    policy = _Policy(allowed=allowed, tensors=tensors)
    found = [
        *_imports(trace.imports, policy),
        *_hidden(trace),
        *_calls(trace.calls, policy),
        *_sizes(trace),
        *_persistent(trace, tensors=tensors),
        *_form(trace),
    ]
    return _folded(found)


def may_look_up(name: Name, *, allowed: frozenset[str]) -> bool:
    """Whether a pickle outside of PyTorch's archives may look a name up at all."""
    return _Policy(allowed=allowed, tensors=False).may_look_up(name)


@dataclass(frozen=True, kw_only=True)
class _Policy:
    """The list, as far as it holds here, and what the user adds to it."""

    allowed: frozenset[str]
    tensors: bool

    def entry(self, name: Name) -> Listed | None:
        """Of the list.

        PyTorch's names belong into its archives: modules call hooks of their own with more than
        they are given, and a plain pickle of tensors holds pickles of pickles.
        """
        if name.module.partition(".")[0] == "torch" and not self.tensors:
            return None
        return listed(name)

    def may_look_up(self, name: Name) -> bool:
        """Whether it may be looked up at all."""
        return str(name) in self.allowed or self.entry(name) is not None

    def is_class(self, name: Name) -> bool:
        """Whether it may be made."""
        found = self.entry(name)
        return str(name) in self.allowed or (found is not None and found.role in _CLASSES)

    def refusal(self, call: Called, name: Name) -> str:
        """Why something may not run; empty = it may."""
        if str(name) in self.allowed:
            return ""
        found = self.entry(name)
        if found is None:
            danger = danger_of(name)
            return (
                f"it {DONE_BY[call.how]}, and it {danger or 'is not on the list of what may run'}"
            )
        broken = misuse(call, found, is_class=self.is_class, tensors=self.tensors)
        return f"it {DONE_BY[call.how]}, {broken}" if broken else ""


def _imports(imports: Iterable[Imported], policy: _Policy) -> Iterator[Objection]:
    for one in imports:
        if policy.may_look_up(one.name):
            continue
        danger = danger_of(one.name)
        why = f"it {danger}; no model has a use for it" if danger else _UNKNOWN
        rule: Rule = "danger" if danger else "import"
        yield Objection(rule=rule, what=str(one.name), why=why, offset=one.offset)


def _calls(calls: Iterable[Called], policy: _Policy) -> Iterator[Objection]:
    for call in calls:
        if call.callee is None:
            why = f"something that was computed {DONE_BY[call.how]}: nobody can say what it is"
            yield Objection(rule="computed", what="", why=why, how=call.how, offset=call.offset)
        elif why := policy.refusal(call, call.callee):
            hostile = policy.entry(call.callee) is None and danger_of(call.callee)
            rule: Rule = "danger" if hostile else "call"
            what = str(call.callee)
            yield Objection(rule=rule, what=what, why=why, how=call.how, offset=call.offset)


def _sizes(trace: Trace) -> Iterator[Objection]:
    """Memory that is taken for a number; arrays of honest files bring their bytes along."""
    for call in trace.calls:
        if call.callee is not None and (why := oversize(call, size_bytes=trace.size_bytes)):
            what = str(call.callee)
            yield Objection(rule="expansion", what=what, why=why, how=call.how, offset=call.offset)


def _hidden(trace: Trace) -> Iterator[Objection]:
    """Names behind numbers; whoever calls one shows up as a call of something computed."""
    called = any(call.callee is None for call in trace.calls)
    for code in trace.extensions:
        why = f"the registry of copyreg says what code {code} means, not this file"
        rule: Rule = "extension-call" if called else "extension"
        yield Objection(rule=rule, what=f"extension code {code}", why=why)


def _persistent(trace: Trace, *, tensors: bool) -> Iterator[Objection]:
    if trace.persistent and not tensors:
        why = "objects are asked of the program that opens it, so that the file does not say all"
        count = len(trace.persistent)
        yield Objection(
            rule="persistent", what="", why=why, offset=trace.persistent[0], count=count
        )
    if trace.buffers:
        why = "it asks for buffers that lie outside of the file, which nobody can read here"
        yield Objection(rule="buffers", what="", why=why, count=trace.buffers)


def _form(trace: Trace) -> Iterator[Objection]:
    for what in trace.odd:
        trick = what.startswith(_TRICKS)
        yield Objection(rule="trick" if trick else "odd", what=what, why=_TRICK if trick else _ODD)
    if trace.unfolds > max(_UNFOLDS, (trace.size_bytes // _SHARED) ** 2):
        why = (
            "containers in it hold others more than once, level by level: it opens, or hashes a "
            f"key, and whoever prints or compares it goes through {trace.unfolds:.0e} values"
        )
        yield Objection(rule="expansion", what="", why=why)
    if trace.ending != "stop":
        reason = trace.why or ("the file ends too early" if trace.ending == "cut" else "damaged")
        why = f"it cannot be read to its end ({reason}); what stands before that would still run"
        yield Objection(rule="broken", what="", why=why, offset=trace.size_bytes)


def _folded(found: Iterable[Objection]) -> tuple[Objection, ...]:
    """Equal ones once, with the first place and how often."""
    kept: dict[tuple[str, str, str], Objection] = {}
    for one in found:
        key = (one.rule, one.what, one.why)
        before = kept.get(key)
        kept[key] = one if before is None else replace(before, count=before.count + one.count)
    return tuple(kept.values())
