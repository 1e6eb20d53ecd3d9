import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.policy import POLICY_BYTES, parse_policy
from bartizan.ledger.quorum import Group
from bartizan.ledger.verifier_key import KeyType
from signed_logs import key

LOG = key("example.com/log").verifier_key.text()
PQ_LOG = key("example.com/pq", KeyType.ML_DSA_COSIGNATURE).verifier_key.text()
W = [key(f"w{i}.example", KeyType.COSIGNATURE).verifier_key.text() for i in range(6)]
HEAD = f"log {LOG}\nwitness A {W[0]}\nwitness B {W[1]}\n"


def test_every_kind_of_line_is_read() -> None:
    found = parse_policy(
        f"# a comment\n\n \t\n log\t{LOG} https://example.com/log \n  # another\n"
        f"log {PQ_LOG}\nwitness A {W[0]} https://w0.example\nwitness B {W[1]}\n"
        f"group both all A B\nwitness C {W[2]}\ngroup top any both C\nquorum top\n".encode()
    )
    assert [(log.key.name, log.url) for log in found.logs] == [
        ("example.com/log", "https://example.com/log"),
        ("example.com/pq", ""),
    ]
    assert [(w.name, w.key.name, w.url) for w in found.witnesses] == [
        ("A", "w0.example", "https://w0.example"),
        ("B", "w1.example", ""),
        ("C", "w2.example", ""),
    ]
    assert found.quorum.name == "top"
    assert found.quorum.groups == (Group("both", 2, ("A", "B")), Group("top", 1, ("both", "C")))


def test_the_example_of_the_specification_is_read() -> None:
    names = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
    lines = [f"log {LOG}", ""]
    lines += [f"witness {name} {text}" for name, text in zip(names, W, strict=True)]
    lines += ["group X-witnesses 2 X1 X2 X3", "group Y-witnesses any Y1 Y2 Y3"]
    lines += ["group X-and-Y all X-witnesses Y-witnesses", "quorum X-and-Y", ""]
    found = parse_policy("\n".join(lines).encode())
    assert found.quorum.met(["X1", "X3", "Y2"])
    assert not found.quorum.met(["X1", "X2", "X3"])


def test_32_logs_witnesses_and_groups_are_read() -> None:
    lines = [f"log {key(f'log{i}').verifier_key.text()}" for i in range(32)]
    for i in range(32):
        lines.append(f"witness W{i} {key(f'w{i}', KeyType.COSIGNATURE).verifier_key.text()}")
        lines.append(f"group G{i} any W{i}" + (f" G{i - 1}" if i else ""))
    found = parse_policy("\n".join([*lines, "quorum G31", ""]).encode())
    assert (len(found.logs), len(found.witnesses), len(found.quorum.groups)) == (32, 32, 32)
    assert found.quorum.met(["W0"])


def test_names_that_differ_in_one_octet_are_two_names() -> None:
    # The letter K and the Kelvin sign, of the specification; and octets that are not UTF-8.
    raw = f"witness K {W[0]}\nwitness \u212a {W[1]}\n".encode()
    raw += b"witness \xff " + W[2].encode() + b"\nwitness \xfe " + W[3].encode() + b"\n"
    found = parse_policy(raw + b"quorum \xff\n")
    assert len({one.name for one in found.witnesses}) == 4
    assert found.quorum.met([found.witnesses[2].name])
    assert not found.quorum.met([found.witnesses[3].name])


def test_blanks_of_unicode_are_no_blanks() -> None:
    found = parse_policy(f"witness A\u00a0B {W[0]}\nquorum A\u00a0B\n".encode())
    assert found.witnesses[0].name == "A\u00a0B"


BAD = {
    "empty": ("", "no quorum line"),
    "no quorum": (HEAD, "no quorum line"),
    "two quorums": (HEAD + "quorum A\nquorum A\n", "line 5 of the policy: a second quorum"),
    "cut off": (HEAD + "quorum A", "cut off"),
    "unknown keyword": (HEAD + "witnes C\n", "line 4 of the policy: unknown keyword 'witnes'"),
    "capital keyword": ("Log x\n", "line 1 of the policy: unknown keyword 'Log'"),
    "line ends of Windows": ("quorum none\r\n", "line 1.*Windows"),
    "NUL": ("quorum none\n\0\n", "line 2.*control character"),
    "DEL": ("quorum\x7f\n", "line 1.*control character"),
    "same log twice": (f"log {LOG}\nlog {LOG}\n", "line 2.*stands on an earlier line"),
    "same witness twice": (HEAD + f"witness C {W[0]}\n", "line 4.*earlier line"),
    "same key, other name": (
        f"witness A {W[0]}\nwitness B "
        + key("w0.example", KeyType.COSIGNATURE).verifier_key.text()
        + "\n",
        "line 2.*earlier line",
    ),
    "name twice": (HEAD + f"witness A {W[2]}\n", "line 4.*'A' is taken"),
    "group named as a witness": (HEAD + "group A any B\n", "line 4.*'A' is taken"),
    "witness named none": (f"witness none {W[0]}\n", "line 1.*'none' is taken"),
    "group named none": (HEAD + "group none any A\n", "line 4.*'none' is taken"),
    "none as a member": (HEAD + "group g any none\n", "line 4.*'none' is not defined"),
    "same witness in two groups": (
        HEAD + "group g any A\ngroup h any A B\n",
        "line 5.*'A' is a member already",
    ),
    "same witness twice in a group": (HEAD + "group g all A A\n", "line 4.*member already"),
    "k larger than the group": (HEAD + "group g 3 A B\n", "line 4.*needs 3 of 2"),
    "k of nothing": (HEAD + "group g 0 A B\n", "line 4.*expected all, any or a number"),
    "k below nothing": (HEAD + "group g -1 A B\n", "line 4.*expected all, any or a number"),
    "k with a leading zero": (HEAD + "group g 01 A B\n", "line 4.*expected all, any"),
    "huge k": (HEAD + f"group g {'9' * 5000} A B\n", "line 4.*expected all, any"),
    "group without members": (HEAD + "group g any\n", "line 4.*expected `group"),
    "member defined later": (HEAD + f"group g any C\nwitness C {W[2]}\n", "line 4.*'C' is not"),
    "group of itself": (HEAD + "group g any A g\n", "line 4.*'g' is not defined"),
    "quorum defined later": (HEAD + "quorum g\ngroup g any A\n", "line 4.*'g' is not defined"),
    "quorum of two": (HEAD + "quorum A B\n", "line 4.*expected `quorum"),
    "log without key": ("log\n", "line 1.*expected `log"),
    "log with too much": (f"log {LOG} url more\n", "line 1.*expected `log"),
    "witness without key": ("witness A\n", "line 1.*expected `witness"),
    "bad key": (f"log {LOG[:-4]}\n", "line 1"),
    "witness key as log": (f"log {W[0]}\n", "line 1.*of type 0x04; expected 0x01 or 0x06"),
    "log key as witness": (f"witness A {LOG}\n", "line 1.*of type 0x01; expected 0x04 or 0x06"),
    "the log as its own witness": (
        f"log {PQ_LOG}\nwitness A {PQ_LOG}\nquorum A\n",
        "line 2.*stands on an earlier line",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_policy_is_refused_with_its_line(name: str) -> None:
    text, why = BAD[name]
    with pytest.raises(LedgerError, match=why):
        parse_policy(text.encode())


def test_the_same_ed25519_key_under_two_types_is_one_key() -> None:
    note = key("example.com/log")
    public = note.verifier_key.public
    witness = type(note.verifier_key)(name="w", kind=KeyType.COSIGNATURE, public=public)
    text = f"log {note.verifier_key.text()}\nwitness A {witness.text()}\nquorum A\n"
    with pytest.raises(LedgerError, match="earlier line"):
        parse_policy(text.encode())


def test_a_huge_policy_is_refused() -> None:
    with pytest.raises(LedgerError, match="at most 1048576"):
        parse_policy(b"#" * (POLICY_BYTES + 1))
