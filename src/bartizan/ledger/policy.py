"""Policy files: which logs and witnesses are trusted, one line each.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

Source: C2SP tlog-policy. Deviations, all on the strict side: the last line must end in a newline
(a file that was cut off is refused), and a log's own key cannot be a witness's key (it would
witness itself). Names are octets for the specification; here they are text in which octets that
are not UTF-8 stay apart from all others.
"""

import re
from collections.abc import Callable

from bartizan.core.errors import LedgerError
from bartizan.ledger.quorum import NONE, Group, Quorum
from bartizan.ledger.trust import CLOCK_TOLERANCE_S, Log, Policy, Trusted, Witness, Witnessed
from bartizan.ledger.verifier_key import KeyType, VerifierKey, parse_verifier_key

__all__ = (
    "CLOCK_TOLERANCE_S",
    "Log",
    "Policy",
    "Trusted",
    "Witness",
    "Witnessed",
    "parse_policy",
)

POLICY_BYTES = 1_048_576
"""Longest file: several hundred ML-DSA-44 keys."""

_ALLOWED = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
"""The specification's octets of a line."""
_BLANK = re.compile(rb"[ \t]+")
_COUNT = re.compile(r"[1-9][0-9]{0,5}")
_LOG_KEYS = (KeyType.NOTE, KeyType.ML_DSA_COSIGNATURE)
"""What signs checkpoints (tlog-checkpoint)."""
_WITNESS_KEYS = (KeyType.COSIGNATURE, KeyType.ML_DSA_COSIGNATURE)
"""What carries a time (tlog-cosignature)."""


def parse_policy(raw: bytes) -> Policy:
    """Read a policy file.

    Raises:
        LedgerError: it is not one; the message names the line.
    """
    if len(raw) > POLICY_BYTES:
        message = f"the policy is {len(raw)} bytes long; at most {POLICY_BYTES} are read"
        raise LedgerError(message)
    *lines, rest = raw.split(b"\n")
    if rest:
        message = "the last line of the policy does not end in a newline: was the file cut off?"
        raise LedgerError(message)
    draft = _Draft()
    for number, line in enumerate(lines, start=1):
        try:
            draft.read(line)
        except LedgerError as error:
            message = f"line {number} of the policy: {error}"
            raise LedgerError(message) from error
    return draft.policy()


class _Draft:
    """A policy up to some line."""

    def __init__(self) -> None:
        self._logs: dict[bytes, Log] = {}
        self._witnesses: dict[bytes, Witness] = {}
        self._names: set[str] = set()
        self._members: set[str] = set()
        self._groups: list[Group] = []
        self._quorum: str | None = None

    def read(self, line: bytes) -> None:
        """Take in one line.

        Raises:
            LedgerError: it breaks a rule.
        """
        if not _ALLOWED.fullmatch(line):
            message = "holds a control character other than tab (a Windows line end?)"
            raise LedgerError(message)
        words = [
            word.decode("utf-8", "surrogateescape") for word in _BLANK.split(line.strip(b" \t"))
        ]
        if not words[0] or words[0].startswith("#"):
            return
        keyword, *rest = words
        read: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._set_quorum,
        }
        if keyword not in read:
            message = f"unknown keyword {keyword[:40]!r}; expected log, witness, group or quorum"
            raise LedgerError(message)
        read[keyword](rest)

    def policy(self) -> Policy:
        """All lines together.

        Raises:
            LedgerError: without a quorum.
        """
        if self._quorum is None:
            message = "the policy has no quorum line; `quorum none` asks for no witness"
            raise LedgerError(message)
        return Policy(
            tuple(self._logs.values()),
            tuple(self._witnesses.values()),
            Quorum(self._quorum, tuple(self._groups)),
        )

    def _log(self, words: list[str]) -> None:
        _require_words(words, at_least=1, at_most=2, form="log <vkey> [<url>]")
        key = self._new_key(words[0], kinds=_LOG_KEYS)
        self._logs[key.public.raw] = Log(key, *words[1:])

    def _witness(self, words: list[str]) -> None:
        _require_words(words, at_least=2, at_most=3, form="witness <name> <vkey> [<url>]")
        self._define(words[0])
        key = self._new_key(words[1], kinds=_WITNESS_KEYS)
        self._witnesses[key.public.raw] = Witness(words[0], key, *words[2:])

    def _group(self, words: list[str]) -> None:
        form = "group <name> all|any|<k> <name>..."
        _require_words(words, at_least=3, at_most=len(words), form=form)
        name, need, *members = words
        for member in members:
            self._require_defined(member)
            if member in self._members:
                message = f"{member!r} is a member already; nobody counts twice"
                raise LedgerError(message)
            self._members.add(member)
        self._define(name)
        self._groups.append(Group(name, _needed(need, of=len(members)), tuple(members)))

    def _set_quorum(self, words: list[str]) -> None:
        _require_words(words, at_least=1, at_most=1, form="quorum <name>|none")
        if self._quorum is not None:
            message = "a second quorum line; a policy has one"
            raise LedgerError(message)
        if words[0] != NONE:
            self._require_defined(words[0])
        self._quorum = words[0]

    def _define(self, name: str) -> None:
        if name == NONE or name in self._names:
            message = f"the name {name!r} is taken; witnesses and groups share their names"
            raise LedgerError(message)
        self._names.add(name)

    def _require_defined(self, name: str) -> None:
        if name not in self._names:
            message = f"{name!r} is not defined on a line before this one"
            raise LedgerError(message)

    def _new_key(self, text: str, *, kinds: tuple[KeyType, ...]) -> VerifierKey:
        key = parse_verifier_key(text)
        if key.kind not in kinds:
            expected = " or ".join(f"{kind:#04x}" for kind in kinds)
            message = f"key {key.name!r} is of type {key.kind:#04x}; expected {expected} here"
            raise LedgerError(message)
        if key.public.raw in self._logs or key.public.raw in self._witnesses:
            message = (
                f"the public key of {key.name!r} stands on an earlier line already, whatever its "
                "name there; each log and each witness has a key of its own"
            )
            raise LedgerError(message)
        return key


def _needed(text: str, *, of: int) -> int:
    if text in ("all", "any"):
        return of if text == "all" else 1
    if not _COUNT.fullmatch(text):
        message = f"expected all, any or a number of members, got {text[:40]!r}"
        raise LedgerError(message)
    return int(text)


def _require_words(words: list[str], *, at_least: int, at_most: int, form: str) -> None:
    if not at_least <= len(words) <= at_most:
        message = f"expected `{form}`"
        raise LedgerError(message)
