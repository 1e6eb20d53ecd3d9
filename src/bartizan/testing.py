"""`assert_robust` and `assert_clean`: an assessment and a scan as tests."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import nsmallest
from pathlib import Path
from typing import Any

from bartizan.catalog import ASSESSED
from bartizan.core.attacker import Attacker
from bartizan.core.errors import ConfigError
from bartizan.core.finding import Example, Finding, Severity
from bartizan.core.report import Report
from bartizan.core.verdict import deciding, failing, unsettled
from bartizan.workspace import Assessed, Scanned, Workspace, gathered

__all__ = ["assert_clean", "assert_robust"]

_SHOWN = 3
"""Changes that are shown: enough to see a pattern, few enough to be read in a test log."""


def assert_robust(  # noqa: PLR0913 - one parameter for each setting, all by name
    model: Any,
    data: Any,
    *,
    target: str | None = None,
    reference: Any = None,
    attackers: Sequence[Attacker] = (),
    profile: str = "quick",
    seed: int = 0,
    fail_on: Severity | None = None,
    entries: Sequence[str] = (),
    max_success: float | None = None,
    workers: int = 1,
    time_budget_s: float | None = None,
) -> Assessed:
    """Attack a model; raise unless it is shown to hold.

    Args:
        model: Whatever `load_model` takes or returns.
        data: Whatever `load_dataset` takes or returns: labelled rows the model has not been
            trained on.
        target: The label column, where `data` has yet to be read.
        reference: Rows that scale distances and that attackers own; none = the data.
        attackers: Who attacks; none = one is assumed.
        profile: quick, standard or thorough.
        seed: The same seed and inputs give the same answer.
        fail_on: Least severity that fails; high, or low where `max_success` is given.
        entries: Ids of catalogue entries; none = all.
        max_success: Largest share of attacked rows that may be broken, 0..1; none = what each
            entry accepts.
        workers: Processes. More than one needs a script with a ``__main__`` guard.
        time_budget_s: Seconds after which attacks end; what is then open is no pass.

    Returns:
        The report and the rows it is about, if the model held.

    Raises:
        AssertionError: the model can be broken, or nothing was settled; says what, how and
            what to do.
        InputError: the model or the data cannot be used.
        ConfigError: an attacker or a setting makes no sense.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(0, 1, 300)[:, None]
        >>> y = (x[:, 0] > 0.5).astype(int)
        >>> held = assert_robust(lambda x: x[:, 0], (x, y), entries=["utility.balanced-accuracy"])
        >>> held.outcome
        'pass'
    """
    __tracebackhide__ = True
    inputs = gathered(model, data, target=target, reference=reference, attackers=tuple(attackers))
    lines = _lines(max_success)
    with Workspace() as ws:
        run = ws.assessment(
            replace(inputs, thresholds=lines),
            profile=profile,
            seed=seed,
            workers=workers,
            entries=entries,
            time_budget_s=time_budget_s,
            fail_on=fail_on or ("low" if lines else "high"),
        )
        for _ in run:
            pass
        result = ws.finished(run, inputs)
    told = "\n".join(_objections(result.report))
    if told:
        raise AssertionError(told)
    return result


def assert_clean(
    *paths: str | Path, allow: Sequence[str] = (), fail_on: Severity = "high"
) -> Scanned:
    """Scan model files; raise unless every byte was read and nothing is amiss.

    Args:
        *paths: Files and folders.
        allow: Classes of your own that pickles may make, ``module.name``.
        fail_on: Least severity that fails.

    Returns:
        The report, if nothing speaks against the files.

    Raises:
        AssertionError: a file is malicious or suspicious, or was not read to its end.
        InputError: a path does not exist or holds no file.

    Example:
        >>> import pickle, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "numbers.pkl"
        ...     _ = path.write_bytes(pickle.dumps([1.0, 2.0]))
        ...     assert_clean(path).outcome
        'pass'
    """
    __tracebackhide__ = True
    with Workspace() as ws:
        result = ws.supply.scan(*paths, allow=allow, fail_on=fail_on)
    told = "\n".join(_objections(result.report))
    if told:
        raise AssertionError(told)
    return result


def _lines(max_success: float | None) -> dict[str, float]:
    """The line of every attack, if there is one for all."""
    if max_success is None:
        return {}
    if not 0 <= max_success < 1:
        message = f"max_success is a share of rows, from 0 to below 1, got {max_success}"
        raise ConfigError(message)
    return {entry.id: max_success for entry in ASSESSED if entry.kind != "check"}


def _objections(report: Report) -> Iterator[str]:
    """Why this report is no pass, line by line; nothing if it is one."""
    failed, open_ = failing(report), unsettled(report)
    if failed:
        yield report.headline
        yield from _told(failed)
        yield from _cheapest(failed)
        yield from dict.fromkeys(f"to do: {finding.fix}" for finding in failed)
    elif open_ or not deciding(report):
        yield f"not settled, which is no pass: {report.headline}"
        yield from _told(open_)
        if report.coverage.interrupted:
            yield f"incomplete: {report.coverage.interrupted}"
        yield "to do: give more rows or time, or mend what the reasons above name"


def _told(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        severity = "" if finding.severity == "none" else f" ({finding.severity})"
        yield f"{finding.outcome}{severity}: {finding.id}: {finding.reason}"


def _cheapest(findings: Sequence[Finding]) -> Iterator[str]:
    """The cheapest changes over all findings, each once."""
    found = dict.fromkeys(example for finding in findings for example in finding.examples)
    chosen = nsmallest(_SHOWN, found, key=lambda example: (example.price, example.row))
    if chosen:
        yield "cheapest changes:"
    for example in chosen:
        yield f"  {_spelled(example)}"


def _spelled(example: Example) -> str:
    changes = ", ".join(f"{c.feature} {c.before} -> {c.after}" for c in example.changes)
    return (
        f"row {example.row}, {example.label} taken for {example.decision}, price "
        f"{example.price:.4g}, {example.queries} queries: {changes}"
    )
