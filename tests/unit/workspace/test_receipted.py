from pathlib import Path

import msgspec

from bartizan.core.fact import Found
from bartizan.workspace import Ledger, LedgerSettings
from bartizan.workspace.receipted import receipted
from unit.report.samples import sample_report


def test_every_finding_gets_its_place_and_nothing_else_changes(tmp_path: Path) -> None:
    sample = sample_report()
    times = [
        msgspec.structs.replace(sample.receipts[0], finding=finding.id)
        for finding in sample.findings
    ]
    report = msgspec.structs.replace(sample, receipts=tuple(times))
    ledger = Ledger(tmp_path, settings=LedgerSettings())
    found = receipted(report, ledger)
    assert [one.place.index for one in found.receipts if one.place] == list(range(len(times)))
    assert msgspec.structs.replace(found, receipts=report.receipts) == report
    facts = [fact for _, fact in ledger.facts()]
    assert [(f.finding, f.outcome) for f in facts if isinstance(f, Found)] == [
        (finding.id, finding.outcome) for finding in report.findings
    ]


def test_without_a_ledger_there_is_no_place() -> None:
    assert receipted(sample_report(), None) == sample_report()
