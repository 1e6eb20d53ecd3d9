"""`bartizan comply`: from a run to the clauses, and what becomes of evidence as things change."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema

from bartizan.config import read_config
from bartizan.core.compliance import ComplianceReport, ControlState
from bartizan.core.errors import ConfigError
from bartizan.core.fact import Found
from bartizan.core.finding import Outcome, Severity
from bartizan.workspace import Workspace, ledger_settings
from system import shop
from system.command import Ran, Run

_VECTORS = Path(__file__).parents[1] / "vectors"
SARIF = json.loads((_VECTORS / "sarif" / "sarif-2.1.0.json").read_text("utf-8"))
JUNIT = xmlschema.XMLSchema(_VECTORS / "junit" / "junit.xsd")
PROJECT = """\
[project]
name = "shop"

[[model]]
name = "fraud"
path = "shop.skops"

[[data]]
name = "holdout"
role = "test"
path = "holdout.csv"
target = "fraud"

[[attacker]]
name = "anyone"
norm = "Linf"
eps = 0.0001

[supply.admit]
require = ["utility.balanced-accuracy"]
"""
POLICY = """
[[comply.policy]]
id = "incident-response"
kind = "incident-response"
title = "What we do when something happens"
path = "incident.md"
owner = "CISO"
review_days = 180
"""
AUDIT = """
[[comply.audit]]
id = "access-review"
kind = "access-review"
what = "Who reaches the model"
every_days = 90
owner = "CISO"
"""
UTILITY = "utility.balanced-accuracy@fraud"


@pytest.fixture
def project(folder: Path) -> Callable[..., None]:
    """Write a project file, a model and data."""

    def write(*more: str) -> None:
        (folder / "bartizan.toml").write_text("\n".join((PROJECT, *more)))
        (folder / "incident.md").write_text("Call the CISO.\n")
        shop.save_csv(folder)
        shop.save_skops(folder)

    return write


@pytest.fixture
def run(bartizan: Run) -> Callable[[], Ran]:
    """Assess with what is fast: it is about the way of the evidence, not about attacks."""

    def assess() -> Ran:
        entry = ("--entry", "utility.balanced-accuracy")
        return bartizan("assess", "--profile", "quick", "--quiet", "--workers", 1, *entry)

    return assess


def asked(folder: Path, *, days: float = 0.0, frameworks: tuple[str, ...] = ()) -> ComplianceReport:
    """The report as it will be in some days."""
    config = read_config(folder / "bartizan.toml")
    clock = lambda: datetime.now(UTC) + timedelta(days=days)  # noqa: E731 - one expression
    place = folder / ".bartizan"
    settings = ledger_settings(config)
    with Workspace(place if place.exists() else None, ledger=settings, clock=clock) as ws:
        return ws.comply.report(config, folder=folder, frameworks=frameworks).report


def status(report: ComplianceReport, framework: str, clause: str) -> str:
    of = next(one for one in report.frameworks if one.id == framework)
    return next(one.status for one in of.clauses if one.id == clause)


def write(
    folder: Path, *facts: tuple[str, Outcome, Severity, float], about: str | None = None
) -> None:
    """Findings about the model as it is now, or about another digest, so many days ago."""
    config = read_config(folder / "bartizan.toml")
    with Workspace(folder / ".bartizan", ledger=ledger_settings(config)) as ws:
        (digest,) = [
            one.digest
            for one in ws.comply.report(config, folder=folder).report.subjects
            if one.name == "fraud"
        ]
        assert ws.ledger is not None
        ws.ledger.record(
            [
                Found(
                    finding=name,
                    outcome=outcome,
                    severity=severity,
                    evidence="",
                    subjects=(about or digest,),
                    when=moment(ago),
                )
                for name, outcome, severity, ago in facts
            ]
        )


def moment(days_ago: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_run_that_passes_gives_evidence_until_it_is_old_or_the_model_is_another(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran]
) -> None:
    project()
    before = asked(folder)
    assert status(before, "nist-ai-rmf", "MEASURE 2.3") == "no evidence"
    assert all(
        one.status in ("no evidence", "not applicable")
        for of in before.frameworks
        for one in of.clauses
    )
    assert run().code == 0

    after = asked(folder)
    assert status(after, "nist-ai-rmf", "MEASURE 2.3") == "evidence present"
    assert status(after, "eu-ai-act", "Article 15(3)") == "evidence present"
    assert status(after, "eu-ai-act", "Article 15(5)") == "no evidence"
    expires = datetime.now(UTC).date() + timedelta(days=90)
    (control,) = [one for one in after.controls if one.id == "utility-measured"]
    assert abs((datetime.fromisoformat(control.expires).date() - expires).days) <= 1

    assert status(asked(folder, days=89), "nist-ai-rmf", "MEASURE 2.3") == "evidence present"
    assert status(asked(folder, days=91), "nist-ai-rmf", "MEASURE 2.3") == "no evidence"

    (folder / "shop.skops").unlink()
    shop.save_skops(folder, shop.constant())
    changed = asked(folder)
    assert status(changed, "nist-ai-rmf", "MEASURE 2.3") == "no evidence"
    assert changed.passed == ()


def test_a_model_that_fails_makes_the_clause_fail_and_stays_open_after_it_is_replaced(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran]
) -> None:
    project()
    (folder / "shop.skops").unlink()
    shop.save_skops(folder, shop.constant())
    assert run().code == 1
    failed = asked(folder)
    assert status(failed, "nist-ai-rmf", "MEASURE 2.3") == "evidence failing"
    (one,) = failed.findings
    assert (one.id, one.controls) == (UTILITY, ("utility-measured",))
    assert "--entry utility.balanced-accuracy" in one.command

    (folder / "shop.skops").unlink()
    shop.save_skops(folder)
    untested = asked(folder)
    assert status(untested, "nist-ai-rmf", "MEASURE 2.3") == "no evidence"
    assert [one.id for one in untested.findings] == [UTILITY]

    assert run().code == 0
    assert asked(folder).findings == ()


def test_the_report_is_written_and_the_same_bytes_again(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    project(POLICY)
    first = bartizan("comply", "--framework", "gdpr", "--out", "first")
    assert first.code == 0, first.err
    assert "General Data Protection Regulation" in first.out
    assert "MITRE" not in first.out
    second = bartizan("comply", "report", "--framework", "gdpr", "--out", "second")
    assert second.code == 0
    for name in ("compliance.html", "compliance.md", "compliance.json"):
        assert (folder / "first" / name).read_bytes() == (folder / "second" / name).read_bytes()
    printed = bartizan("comply", "--framework", "gdpr", "--json").out
    assert printed.encode() == (folder / "first" / "compliance.json").read_bytes()


def test_a_sign_off_holds_for_exactly_this_text_and_until_its_review(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    project(POLICY, AUDIT)
    who = ("--by", "Ada", "--role", "CISO")
    assert status(asked(folder), "gdpr", "Article 33") == "no evidence"
    assert bartizan("comply", "sign-off", "incident-response", *who).code == 0
    assert bartizan("comply", "sign-off", "access-review", *who).code == 0
    signed = asked(folder)
    assert status(signed, "gdpr", "Article 33") == "evidence present"
    assert status(signed, "hipaa", "164.308(a)(4)(ii)(C)") == "evidence present"
    assert signed.policies[0].signed[0].by == "Ada"
    assert asked(folder, days=100).audits[0].overdue
    assert asked(folder, days=181).policies[0].status == "overdue"
    (folder / "incident.md").write_text("Call nobody.\n")
    assert asked(folder).policies[0].status == "changed"
    (folder / "incident.md").unlink()
    assert asked(folder).policies[0].status == "missing"
    refused = bartizan("comply", "sign-off", "incident-response", *who)
    assert (refused.code, "cannot read incident.md" in refused.err) == (2, True)


def test_what_is_no_policy_and_no_audit_is_refused_with_what_is_near(
    project: Callable[..., None], bartizan: Run
) -> None:
    project(POLICY)
    ran = bartizan("comply", "sign-off", "incident-respons", "--by", "Ada", "--role", "CISO")
    assert ran.code == 2
    assert "did you mean 'incident-response'" in ran.err
    nameless = bartizan("comply", "sign-off", "incident-response", "--by", " ", "--role", "CISO")
    assert (nameless.code, "--by: expected a name" in nameless.err) == (2, True)


def test_the_gate_says_the_same_in_every_format(
    folder: Path,
    project: Callable[..., None],
    run: Callable[[], Ran],
    bartizan: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project(POLICY)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    assert bartizan("comply", "gate").code == 3  # nothing was assessed, nothing is signed
    run()
    assert bartizan("comply", "gate").code == 3
    bartizan("comply", "sign-off", "incident-response", "--by", "Ada", "--role", "CISO")
    assert bartizan("comply", "gate").code == 0

    write(folder, ("evasion.union@fraud#anyone", "fail", "high", 1.0))
    for fmt in ("markdown", "json", "sarif", "junit"):
        assert bartizan("comply", "gate", "--format", fmt, "--out", "gate").code == 1
    assert {one.name for one in (folder / "gate").iterdir()} == {
        "gate.md",
        "gate.json",
        "gate.sarif",
        "gate-junit.xml",
    }
    jsonschema.validate(json.loads((folder / "gate" / "gate.sarif").read_text()), SARIF)
    JUNIT.validate(str(folder / "gate" / "gate-junit.xml"))
    said: dict[str, Any] = json.loads((folder / "gate" / "gate.json").read_text())
    assert said["outcome"] == "fail"
    assert bartizan("comply", "gate", "--fail-on", "critical").code == 0
    assert (folder / "summary.md").read_text().count("# ") == 8


def test_known_findings_do_not_fail_until_they_are_due_and_a_waiver_until_it_expires(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran], bartizan: Run
) -> None:
    project()
    run()
    write(folder, ("evasion.union@fraud#anyone", "fail", "high", 20.0))
    assert bartizan("comply", "gate").code == 1
    assert bartizan("comply", "gate", "--write-baseline", "known.json").code == 0
    held = bartizan("comply", "gate", "--baseline", "known.json")
    assert held.code == 0
    assert "fail, high, known: evasion.union@fraud#anyone" in held.out
    assert "waived" not in held.out
    tight = "\n[comply.days]\nhigh = 10\n"
    project(tight)
    assert bartizan("comply", "gate", "--baseline", "known.json").code == 1
    waiver = '\n[[waiver]]\nfinding = "evasion.union@fraud#anyone"\nowner = "Ada"\n'
    waiver += 'reason = "rebuilt in spring"\nexpires = '
    project(tight, waiver + "2999-01-01")
    assert bartizan("comply", "gate").code == 0
    project(tight, waiver + "2020-01-01")
    ran = bartizan("comply", "gate")
    assert ran.code == 1
    assert "expired on 2020-01-01" in ran.out
    assert "2020-01-01" in bartizan("comply", "--framework", "gdpr").out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--write-baseline", "k.json", "--out", "gate"), "--out has no effect"),
        (("--write-baseline", "k.json", "--format", "json"), "--format has no effect"),
        (("--write-baseline", "k.json", "--json"), "--json has no effect"),
        (("--write-baseline", "k.json", "--fail-on", "low"), "--fail-on has no effect"),
        (("--format", "json"), "name a folder with --out"),
        (("--format", "pdf", "--out", "gate"), "no format 'pdf' of this report; choose from mark"),
    ],
)
def test_flags_of_the_gate_that_would_have_no_effect_are_refused(
    folder: Path,
    project: Callable[..., None],
    bartizan: Run,
    flags: tuple[str, ...],
    said: str,
) -> None:
    project()
    ran = bartizan("comply", "gate", *flags)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())
    assert not (folder / "k.json").exists()


def test_open_findings_of_what_is_gone_are_told_and_decide_nothing(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran]
) -> None:
    project()
    run()
    other = f"sha256:{'0' * 64}"
    write(folder, ("evasion.union@elsewhere#anyone", "fail", "high", 1.0), about=other)
    report = asked(folder)
    assert report.findings == ()
    assert any("evasion.union@elsewhere#anyone" in one for one in report.warnings)
    (folder / "elsewhere").write_text("a model")
    assert len(asked(folder).findings) == 1


def test_a_described_system_without_health_data_leaves_hipaa_out_and_an_exclusion_its_clause(
    folder: Path, project: Callable[..., None]
) -> None:
    project(
        '[system]\nname = "shop"\nhealth_data = false\ncreditworthiness = false\n',
        '[[comply.exclude]]\nframework = "gdpr"\nclause = "Article 22"\n'
        'why = "it only sorts mail"\nwho = "DPO"\n',
    )
    report = asked(folder)
    assert [one.framework for one in report.left] == ["hipaa"]
    assert status(report, "gdpr", "Article 22") == "not applicable"
    assert status(report, "eu-ai-act", "Annex III 5(b)") == "not applicable"
    assert status(report, "eu-ai-act", "Annex III") == "no evidence"


def test_a_failing_finding_names_the_threats_that_it_makes_likelier(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran]
) -> None:
    told = files("bartizan.examples").joinpath("systems", "card-fraud.toml").read_text("utf-8")
    system = told[told.index("[system]") :]
    project(system.replace('kind = "model"', 'kind = "model"\nmodel = "fraud"', 1))
    run()
    write(folder, ("evasion.union@fraud#anyone", "fail", "critical", 1.0))
    report = asked(folder)
    (one,) = report.findings
    assert one.threats
    assert set(one.threats) <= {one.id for one in report.threats}
    assert "robustness-tested" in one.controls
    assert status(report, "owasp-ml-top-10", "ML01:2023") == "evidence failing"
    assert status(report, "gdpr", "Article 35(7)(d)") == "evidence present"


CLAUSES = """\
schema = "framework/1"
id = "house-rules"
title = "House rules"
version = "1"
as_of = 2026-01-01
source = "https://shop.example/rules"
licence = "ours"
note = "What the shop asks of its models."

[[clause]]
id = "HR-1"
title = "Models work"
kind = "requirement"
applies_from = 2026-02-01
"""
LINK = """
[comply]
clause_files = ["rules.toml"]
frameworks = ["house-rules"]

[[comply.link]]
control = "utility-measured"
framework = "house-rules"
clause = "HR-1"
relationship = "equal"
why = "Both ask that the model works."
"""


def test_clauses_of_ones_own_are_answered_by_ones_own_links(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran]
) -> None:
    project(LINK)
    (folder / "rules.toml").write_text(CLAUSES)
    run()
    report = asked(folder)
    assert [one.id for one in report.frameworks] == ["house-rules"]
    assert status(report, "house-rules", "HR-1") == "evidence present"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-02-01", "2026-02-31", "rules.toml:14"),
        ("2026-02-01", '"soon"', "rules.toml:14: clause 'HR-1': applies_from"),
        ('kind = "requirement"', 'kind = "wish"', "rules.toml:13"),
        ('"house-rules"', '"gdpr"', "that of a framework that is shipped"),
        ('"HR-1"', '"HR-2"', "no clause 'HR-1'; did you mean 'HR-2'"),
    ],
)
def test_a_broken_file_of_clauses_is_refused_with_its_line(
    folder: Path,
    project: Callable[..., None],
    bartizan: Run,
    old: str,
    new: str,
    said: str,
) -> None:
    project(LINK)
    (folder / "rules.toml").write_text(CLAUSES.replace(old, new))
    ran = bartizan("comply")
    assert ran.code == 2
    assert said in ran.err


def test_an_altered_ledger_is_refused(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran], bartizan: Run
) -> None:
    project()
    run()
    files = [path for path in (folder / ".bartizan" / "ledger").rglob("*") if path.is_file()]
    (tile,) = [path for path in files if b"found/1" in path.read_bytes()]
    tile.chmod(0o644)
    tile.write_bytes(tile.read_bytes().replace(b"pass", b"fail"))
    assert bartizan("comply").code == 4
    assert bartizan("comply", "gate").code == 4


def test_a_gate_without_a_model_has_nothing_that_stands_for_it(folder: Path, bartizan: Run) -> None:
    (folder / "bartizan.toml").write_text('[project]\nname = "shop"\n')
    ran = bartizan("comply", "gate")
    assert ran.code == 3
    assert "nothing stands for it" in ran.out


def test_without_a_project_file_there_is_nothing_to_report_on(folder: Path, bartizan: Run) -> None:
    del folder
    ran = bartizan("comply")
    assert (ran.code, "there is no bartizan.toml" in ran.err) == (2, True)


def test_a_failure_stays_open_under_another_name_and_when_another_model_passed_in_between(
    folder: Path, project: Callable[..., None], run: Callable[[], Ran], bartizan: Run
) -> None:
    project()
    (folder / "shop.skops").unlink()
    shop.save_skops(folder, shop.constant())
    bad = (folder / "shop.skops").read_bytes()
    assert run().code == 1

    (folder / "shop.skops").unlink()
    shop.save_skops(folder)
    assert run().code == 0
    assert bartizan("comply", "gate").code == 0
    (folder / "shop.skops").write_bytes(bad)
    assert [one.id for one in asked(folder).findings] == [UTILITY]
    assert bartizan("comply", "gate").code == 1

    text = (folder / "bartizan.toml").read_text()
    (folder / "bartizan.toml").write_text(text.replace('name = "fraud"', 'name = "renamed"'))
    assert [one.id for one in asked(folder).findings] == [UTILITY]
    assert bartizan("comply", "gate").code == 1


def test_clause_files_of_one_id_and_exclusions_of_what_is_not_there_are_refused(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    (folder / "rules.toml").write_text(CLAUSES)
    (folder / "again.toml").write_text(CLAUSES)
    project('[comply]\nclause_files = ["rules.toml", "again.toml"]\n')
    twice = bartizan("comply")
    assert (twice.code, "again.toml: the id 'house-rules' is that of rules.toml" in twice.err) == (
        2,
        True,
    )
    who = '[[comply.exclude]]\nwhy = "w"\nwho = "Ada"\n'
    for said, near in (
        ('framework = "gdprr"\n', "did you mean 'gdpr'"),
        ('framework = "house-rules"\nclause = "HR-2"\n', "did you mean 'HR-1'"),
    ):
        project('[comply]\nclause_files = ["rules.toml"]\n', who, said)
        refused = bartizan("comply")
        assert (refused.code, near in refused.err) == (2, True), refused.err


def test_an_audit_in_time_shows_a_control_that_no_program_sees(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    claim = '[[control]]\nid = "least-privilege"\nstatus = "implemented"\naudit = "access-review"\n'
    project('[system]\nname = "shop"\n', AUDIT, claim)

    def control(*, days: float = 0) -> ControlState:
        return next(one for one in asked(folder, days=days).controls if one.id == "least-privilege")

    assert control().status == "implemented"
    bartizan("comply", "sign-off", "access-review", "--by", "Ada", "--role", "CISO")
    shown = control()
    assert (shown.status, shown.proofs) == ("verified", ())
    assert shown.looked is not None
    assert (shown.looked.by, shown.expires) == ("Ada, CISO", shown.looked.due)
    assert control(days=91).status == "implemented"


@pytest.mark.parametrize(
    ("control", "said", "audit", "why"),
    [
        ("least-privilege", "implemented", "acess-review", "did you mean 'access-review'"),
        ("least-privilege", "planned", "access-review", "shows what is implemented"),
        ("robustness-tested", "implemented", "access-review", "shown by evidence, not by an audit"),
    ],
)
def test_an_audit_that_shows_nothing_is_refused_with_its_line(
    folder: Path, project: Callable[..., None], control: str, said: str, audit: str, why: str
) -> None:
    claim = f'[[control]]\nid = "{control}"\nstatus = "{said}"\naudit = "{audit}"\n'
    project('[system]\nname = "shop"\n', AUDIT, claim)
    with pytest.raises(ConfigError, match=rf"bartizan.toml:\d+: control\[0\].audit: .*{why}"):
        read_config(folder / "bartizan.toml")


def test_an_empty_text_is_not_signed_off(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    project(POLICY)
    (folder / "incident.md").write_bytes(b"")
    ran = bartizan("comply", "sign-off", "incident-response", "--by", "A", "--role", "B")
    assert ran.code == 2
    assert "is empty; nothing was signed off" in ran.err
    assert asked(folder).policies[0].status == "not signed"


def test_a_waiver_that_fits_no_finding_is_told_with_the_nearest(
    folder: Path, project: Callable[..., None]
) -> None:
    waiver = 'owner = "A"\nreason = "r"\nexpires = 2030-01-01\n'
    project(f'[[waiver]]\nfinding = "evasion.union@fraud#anyon"\n{waiver}')
    assert not any("waiver" in one for one in asked(folder).warnings)  # nothing was found yet
    write(folder, ("evasion.union@fraud#anyone", "fail", "high", 1.0))
    (told,) = [one for one in asked(folder).warnings if "waiver" in one]
    assert "did you mean 'evasion.union@fraud#anyone'" in told


def test_clauses_of_ones_own_stay_where_frameworks_are_chosen_and_links_are_checked(
    folder: Path, project: Callable[..., None]
) -> None:
    (folder / "rules.toml").write_text(CLAUSES)
    chosen = LINK.replace('["house-rules"]', '["gdpr"]')
    project(chosen)
    assert [one.id for one in asked(folder).frameworks] == ["gdpr", "house-rules"]
    project(chosen.replace('clause = "HR-1"', 'clause = "HR-9"'))
    with pytest.raises(ConfigError, match=r"comply\.link\[0\].*no clause 'HR-9'; did you mean"):
        asked(folder)


def test_a_report_needs_no_right_to_write(folder: Path, project: Callable[..., None]) -> None:
    project()
    write(folder, ("evasion.union@fraud#anyone", "fail", "high", 1.0))
    before = {one: one.read_bytes() for one in (folder / ".bartizan").rglob("*") if one.is_file()}
    assert asked(folder).findings
    after = {one: one.read_bytes() for one in (folder / ".bartizan").rglob("*") if one.is_file()}
    assert after == before


def test_an_audit_of_something_else_was_not_done(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    project(AUDIT)
    bartizan("comply", "sign-off", "access-review", "--by", "Ada", "--role", "CISO")
    assert not asked(folder).audits[0].overdue
    for old, new in (
        ("Who reaches the model", "Who reads logs"),
        ('"access-review"\nwhat', '"log-review"\nwhat'),
    ):
        project(AUDIT.replace(old, new))
        assert asked(folder).audits[0].overdue


def test_a_run_without_a_verdict_is_no_evidence_for_the_gate_though_it_is_waived(
    folder: Path, project: Callable[..., None], bartizan: Run
) -> None:
    project()
    write(folder, (UTILITY, "not-run", "none", 1.0))
    assert "no finding about it as it is now" in bartizan("comply", "gate").out
    write(folder, (UTILITY, "pass", "none", 0.5))
    assert "no finding about it as it is now" not in bartizan("comply", "gate").out


def test_what_was_scanned_from_a_folder_below_is_still_there(
    folder: Path, project: Callable[..., None]
) -> None:
    project()
    (folder / "models").mkdir()
    (folder / "models" / "bad.pkl").write_bytes(b"bad")
    write(folder, ("artifact.scan@bad.pkl", "fail", "critical", 1.0), about="sha256:bad")
    assert [one.id for one in asked(folder).findings] == ["artifact.scan@bad.pkl"]
    (folder / "models" / "bad.pkl").unlink()
    report = asked(folder)
    assert not report.findings
    assert any("artifact.scan@bad.pkl" in one for one in report.warnings)
