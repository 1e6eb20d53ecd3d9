"""A pack holds as it was signed, and in no other way."""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bartizan.comply.pack.building import FILE_BYTES, FILES
from bartizan.comply.pack.checking import REPORT, Checked
from bartizan.comply.pack.manifest import MANIFEST, PackFile, PackManifest, measured
from bartizan.comply.pack.proven import CHECKPOINT, entry_name, proof_name
from bartizan.comply.pack.signature import BUNDLE, NOTE, KeySigner, LogSigner
from bartizan.core.compliance import ComplianceReport, ControlState, PassedFinding
from bartizan.core.errors import LedgerError, LimitError, TrustError
from bartizan.core.evidence import Subject
from bartizan.core.fact import Audited, Found
from bartizan.core.finding import Outcome
from bartizan.core.known import Looked, Proof
from bartizan.core.record import decode, digest, encode
from bartizan.crypto.oms.bundle import Bundle
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.oms.statement import Statement
from bartizan.ledger.verifier_key import VerifierKey
from unit.comply.pack.pack_samples import (
    SECRET,
    SIGNER,
    TOOL,
    contents,
    evidence,
    ledger_of,
    packed,
    tar,
    verified,
)
from unit.comply.worlds import audit, opened, policy

COUNT = 5
Sample = tuple[dict[str, bytes], VerifierKey]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    ledger = ledger_of(tmp_path_factory.mktemp("log"), count=COUNT)
    return contents(ledger, count=COUNT), ledger.verifier_key()


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Another log with the same name, and the same entries."""
    ledger = ledger_of(tmp_path_factory.mktemp("other"), count=COUNT)
    return contents(ledger, count=COUNT), ledger.verifier_key()


def test_a_pack_holds_and_says_what_is_in_it(sample: Sample) -> None:
    files, log = sample
    found = verified(tar(packed(files, log=log)), log=log)
    assert isinstance(found, Checked)
    assert (found.facts, found.entries, found.evidence, found.missing) == (COUNT, COUNT, COUNT, 0)
    assert found.vouched
    assert found.signer == f"key:{SECRET.public.fingerprint}"
    assert found.origin == "test/log"


def test_any_other_program_reads_the_archive(sample: Sample) -> None:
    files, log = sample
    made = packed(files, log=log)
    with tarfile.open(fileobj=io.BytesIO(tar(made))) as archive:
        assert [one.name for one in archive] == [name for name, _ in made]
        for name, content in made:
            taken = archive.extractfile(name)
            assert taken is not None
            assert taken.read() == content


def test_a_pack_that_the_ledger_signs_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, count=2)
    signer = LogSigner(ledger.signing_key())
    log = ledger.verifier_key()
    first, second = (
        tar(packed(contents(ledger, count=2), log=log, signer=signer)) for _ in range(2)
    )
    assert first == second
    assert verified(first, keys=(log,)).signer == f"log:{log.text()}"


@pytest.mark.parametrize("by_log", [False, True])
def test_any_flipped_byte_is_refused(tmp_path: Path, *, by_log: bool) -> None:
    ledger = ledger_of(tmp_path, count=1)
    log = ledger.verifier_key()
    signer = LogSigner(ledger.signing_key()) if by_log else SIGNER
    raw = tar(packed(contents(ledger, count=1), log=log, signer=signer))
    keys = (log,) if by_log else (SECRET.public,)
    assert verified(raw, keys=keys).facts == 1
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << (at % 8)
        with pytest.raises(TrustError):
            verified(bytes(changed), keys=keys)


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 2048])
def test_a_pack_that_was_cut_off_is_refused(sample: Sample, size: int) -> None:
    files, log = sample
    raw = tar(packed(files, log=log))
    for cut in (raw[:size], raw[: -size or None][: len(raw) - 1], raw + b"\0" * (size or 1)):
        with pytest.raises(TrustError):
            verified(cut)


def test_added_removed_renamed_doubled_and_reordered_files_are_refused(sample: Sample) -> None:
    files, log = sample
    made = packed(files, log=log)
    last = made[-1]
    for wrong in (
        [*made, ("zzz", b"more")],
        made[:-1],
        [*made[:-1], ("zzz", last[1])],
        [*made, last],
        [*made[:-2], last, made[-2]],
        [made[1], made[0], *made[2:]],
        made[2:],
        [],
    ):
        with pytest.raises(TrustError):
            verified(tar(wrong))


def resigned(files: dict[str, bytes], log: VerifierKey) -> bytes:
    """A pack that says something false, and is signed by somebody who may."""
    return tar(packed(files, log=log))


def test_a_proof_of_another_log_is_refused_whoever_signs(sample: Sample, other: Sample) -> None:
    files, log = sample
    name = proof_name(2)
    with pytest.raises(LedgerError, match="another log"):
        verified(resigned(files | {name: other[0][name]}, log))
    with pytest.raises(LedgerError):
        verified(resigned(files | {CHECKPOINT: other[0][CHECKPOINT]}, log))
    with pytest.raises(TrustError, match="about the log"):
        verified(resigned(*other), log=log)


def test_an_entry_that_is_not_in_the_log_is_refused_whoever_signs(sample: Sample) -> None:
    files, log = sample
    name = entry_name(1)
    changed = files[name].replace(b'"pass"', b'"fail"')
    with pytest.raises(LedgerError):
        verified(resigned(files | {name: changed}, log))
    with pytest.raises(LedgerError):
        verified(resigned(files | {name: files[entry_name(2)]}, log))


@pytest.mark.parametrize("name", [entry_name(3), proof_name(3), CHECKPOINT])
def test_half_of_a_proof_is_refused_whoever_signs(sample: Sample, name: str) -> None:
    files, log = sample
    with pytest.raises(LedgerError):
        verified(resigned({key: raw for key, raw in files.items() if key != name}, log))


def test_evidence_that_no_fact_names_is_refused_and_what_is_missing_is_counted(
    sample: Sample,
) -> None:
    files, log = sample
    stray = b'{"schema":"evidence/1"}'
    name = f"evidence/{hashlib.sha256(stray).hexdigest()}.json"
    with pytest.raises(TrustError, match="no fact"):
        verified(resigned(files | {name: stray}, log))
    with pytest.raises(TrustError, match="own digest"):
        verified(resigned(files | {"evidence/" + "0" * 64 + ".json": stray}, log))
    first = next(key for key in files if key.startswith("evidence/"))
    less = verified(resigned({key: raw for key, raw in files.items() if key != first}, log))
    assert (less.evidence, less.missing) == (COUNT - 1, 1)


def test_a_key_that_came_with_the_pack_vouches_for_nobody(sample: Sample) -> None:
    files, log = sample
    assert not verified(tar(packed(files, log=log)), keys=()).vouched
    stranger = SigningKey.new()
    raw = tar(packed(files, log=log, signer=KeySigner(stranger)))
    with pytest.raises(TrustError, match="may sign"):
        verified(raw)


def test_the_name_of_a_trusted_key_is_no_signature_of_it(sample: Sample) -> None:
    files, log = sample
    made = dict(packed(files, log=log, signer=KeySigner(SigningKey.new())))
    said = decode(made[MANIFEST], kind=PackManifest)
    forged = PackManifest(
        project=said.project,
        day=said.day,
        tool=said.tool,
        log=said.log,
        key=SIGNER.key,
        files=said.files,
    )
    made[MANIFEST] = encode(forged)
    with pytest.raises(TrustError):
        verified(tar(list(made.items())))
    with pytest.raises(TrustError):
        verified(tar(list(made.items())), keys=())


def test_a_signature_of_one_kind_is_not_taken_for_the_other(sample: Sample) -> None:
    files, log = sample
    made = packed(files, log=log)
    for other in (NOTE, BUNDLE):
        with pytest.raises(TrustError):
            verified(tar([made[0], (other, b"x"), *made[2:]]))


def test_a_pack_without_a_ledger_shows_no_facts_and_says_so() -> None:
    found = verified(tar(packed({"reports/a.md": b"x"}, log=None)))
    assert (found.origin, found.facts, found.entries) == ("", 0, 0)


def test_files_of_a_ledger_need_a_log(sample: Sample) -> None:
    with pytest.raises(TrustError, match="names no log"):
        verified(tar(packed(sample[0], log=None)))


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/./b", "a\\b", "a\nb"])
def test_names_that_lead_elsewhere_are_never_packed(name: str) -> None:
    with pytest.raises((TrustError, LimitError)):
        packed({name: b""}, log=None)


def test_a_name_too_long_for_the_archive_is_refused_before_anything_is_written() -> None:
    with pytest.raises(LimitError):
        packed({"x" * 101: b""}, log=None)
    with pytest.raises(LimitError):
        packed({"\u00e9": b""}, log=None)


@pytest.mark.parametrize(
    "files",
    [
        tuple(PackFile(name=f"{at:06d}", size_bytes=0, sha256="0" * 64) for at in range(FILES + 1)),
        (PackFile(name="a", size_bytes=FILE_BYTES + 1, sha256="0" * 64),),
        (PackFile(name="a", size_bytes=0, sha256="0" * 64),) * 2,
        (PackFile(name=MANIFEST, size_bytes=0, sha256="0" * 64),),
        (PackFile(name=BUNDLE, size_bytes=0, sha256="0" * 64),),
    ],
    ids=["many", "large", "twice", "itself", "signature"],
)
def test_a_manifest_that_claims_too_much_is_refused_before_its_signature(
    files: tuple[PackFile, ...],
) -> None:
    said = PackManifest(project="p", day="d", tool=TOOL, key=SIGNER.key, files=files)
    with pytest.raises(TrustError, match=r"manifest|claims"):
        verified(tar([(MANIFEST, encode(said)), (BUNDLE, b"{}")]))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[" * 5000, b'{"schema":"packmanifest/1"}', b"\xff"])
def test_a_manifest_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(TrustError):
        verified(tar([(MANIFEST, raw), (BUNDLE, b"{}")]))


def report(*proofs: Proof, day: str = "2026-11-22", looked: Looked | None = None) -> bytes:
    control = ControlState(
        id="c",
        title="C",
        about="A.",
        stage="assess",
        owner="o",
        status="verified",
        by_evidence=True,
        proofs=proofs,
        looked=looked,
    )
    return encode(
        ComplianceReport(
            tool=TOOL,
            project="bank",
            day=day,
            evidence_age_days=90,
            subjects=(),
            controls=(control,),
            frameworks=(),
        )
    )


def test_a_report_that_rests_on_what_the_log_does_not_say_is_refused(sample: Sample) -> None:
    files, log = sample
    true = Proof(
        finding="data.types@month-1",
        outcome="pass",
        evidence=digest(encode(evidence(1))),
        when="2026-11-01T00:00:01Z",
    )
    assert verified(resigned(files | {REPORT: report(true)}, log)).grounded == 1
    for name, value in (("outcome", "fail"), ("finding", "x@y"), ("when", "2026-11-02T00:00:00Z")):
        false = msgspec.structs.replace(true, **{name: value})
        with pytest.raises(TrustError, match="rests on"):
            verified(resigned(files | {REPORT: report(true, false)}, log))
    with pytest.raises(TrustError, match="report is of"):
        verified(resigned(files | {REPORT: report(day="2026-11-21")}, log))
    with pytest.raises(TrustError, match="cannot be read"):
        verified(resigned(files | {REPORT: b"{}"}, log))


def test_a_report_that_names_a_look_which_nobody_signed_for_is_refused(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, count=2)
    when = "2026-11-01T00:00:00Z"
    ledger.record([Audited(audit="review", what="w", role="CISO", by="Ada", when=when)])
    files, log = contents(ledger, count=2), ledger.verifier_key()
    true = Looked(audit="review", by="Ada, CISO", when=when, due="2027-02-01")
    verified(resigned(files | {REPORT: report(looked=true)}, log))
    for name, value in (("audit", "other"), ("by", "Eve, CISO"), ("when", "2026-11-02T00:00:00Z")):
        false = msgspec.structs.replace(true, **{name: value})
        with pytest.raises(TrustError, match="looked at"):
            verified(resigned(files | {REPORT: report(looked=false)}, log))


def test_a_signature_of_a_model_does_not_sign_a_pack(sample: Sample) -> None:
    files, log = sample
    made = packed(files, log=log)
    said = decode(made[0][1], kind=PackManifest)
    payload = Statement(name="model", manifest=measured(said.files, manifest=made[0][1])).raw
    signature = SECRET.sign(Bundle(payload=payload, signature=b"").signed)
    hint = SECRET.public.fingerprint
    bundle = Bundle(payload=payload, signature=signature, hint=hint).encode()
    with pytest.raises(TrustError, match="not what was signed"):
        verified(tar([made[0], (BUNDLE, bundle), *made[2:]]))


@pytest.mark.parametrize("at", [0, 2, COUNT - 1])
def test_a_pack_from_which_a_fact_was_left_out_is_refused_whoever_signs(
    sample: Sample, at: int
) -> None:
    files, log = sample
    left = {entry_name(at), proof_name(at), f"evidence/{digest(encode(evidence(at)))[7:]}.json"}
    with pytest.raises(TrustError, match="left out"):
        verified(resigned({key: raw for key, raw in files.items() if key not in left}, log))


MODEL = "sha256:" + "1" * 64
ASKED = "evasion.x@shop"


def told(outcome: Outcome, *, second: int, about: str = MODEL, **more: Any) -> Found:
    return Found(
        finding=ASKED,
        outcome=outcome,
        severity="high" if outcome == "fail" else "none",
        evidence="",
        subjects=(about,),
        when=f"2026-11-20T00:00:{second:02}Z",
        **more,
    )


def shown(*facts: Found, root: Path, open_too: bool = False, **changes: Any) -> Checked:
    """A pack of a log with these facts, and a report that rests on the first of them."""
    root.mkdir()
    ledger = ledger_of(root, count=1)
    ledger.record(list(facts))
    proofs = [
        Proof(finding=one.finding, outcome="pass", evidence="", when=one.when)
        for one in facts[:1]
        if one.outcome == "pass"
    ]
    model = Subject(kind="model", name="shop", digest=MODEL, digest_kind="oms-root")
    findings = (opened(name=ASKED),) if open_too else ()
    said = decode(report(*proofs), kind=ComplianceReport)
    said = msgspec.structs.replace(said, subjects=(model,), findings=findings, **changes)
    files = contents(ledger, count=1) | {REPORT: encode(said)}
    return verified(resigned(files, ledger.verifier_key()))


def test_a_report_that_keeps_a_failure_quiet_is_refused(tmp_path: Path) -> None:
    good, bad = told("pass", second=1), told("fail", second=2)
    assert shown(good, root=tmp_path / "good").grounded == 1
    with pytest.raises(TrustError, match="verified by it"):
        shown(good, bad, root=tmp_path / "quiet")
    with pytest.raises(TrustError, match="verified by it"):
        shown(good, bad, root=tmp_path / "both", open_too=True)
    with pytest.raises(TrustError, match="does not say that it is open"):
        shown(bad, root=tmp_path / "alone")
    assert shown(bad, root=tmp_path / "open", open_too=True).grounded == 0


def test_a_failure_that_is_not_the_last_word_or_of_something_else_may_be_left_out(
    tmp_path: Path,
) -> None:
    good, bad = told("pass", second=3), told("fail", second=2)
    kept: tuple[tuple[Found, ...], ...] = (
        (bad, good),
        (good, told("fail", second=4, about="sha256:" + "2" * 64)),
        (good, told("fail", second=4, decides=False)),
    )
    for number, facts in enumerate(kept):
        shown(*facts, root=tmp_path / str(number))
    renamed = msgspec.structs.replace(good, finding="evasion.x@another-name")
    shown(bad, renamed, root=tmp_path / "renamed")
    unclear = msgspec.structs.replace(good, outcome="inconclusive")
    with pytest.raises(TrustError, match="does not say that it is open"):
        shown(bad, unclear, root=tmp_path / "unclear")
    with pytest.raises(TrustError, match="does not say that it is open"):
        shown(bad, root=tmp_path / "old", evidence_age_days=2)  # no failure grows old
    later = msgspec.structs.replace(bad, when="2026-12-24T00:00:00Z")
    shown(later, root=tmp_path / "later")


def test_a_report_that_says_what_nobody_found_or_signed_is_refused(tmp_path: Path) -> None:
    good = told("pass", second=1)
    passed = PassedFinding(id=ASKED, when=good.when, expires="2027-01-01")
    shown(good, root=tmp_path / "true", passed=(passed,))
    false: dict[str, dict[str, Any]] = {
        "passed": {"passed": (msgspec.structs.replace(passed, when="2026-11-21T00:00:00Z"),)},
        "policy": {"policies": (policy(),)},
        "audit": {"audits": (audit(),)},
    }
    for name, changes in false.items():
        with pytest.raises(TrustError, match="no fact of the log"):
            shown(good, root=tmp_path / name, **changes)
