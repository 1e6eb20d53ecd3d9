"""Every plausible scanner reads, the worst verdict wins, and what nobody read is told."""

from collections.abc import Callable, Sequence

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Budget, Window
from bartizan.supply.scan.dispatch import Read, read_file
from bartizan.supply.scanners.notice import Notice, Verdict
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation


def notice(verdict: Verdict, what: str = "") -> Notice:
    return Notice(verdict=verdict, rule=f"test.{verdict}", where="", what=what, why="for a test")


def scanner(
    *notices: Notice,
    name: str = "test",
    walked: int | None = None,
    error: Exception | None = None,
    inner: Callable[[Item], Sequence[Item]] = lambda _: (),
    plausible: Callable[[bytes, Item], bool] = lambda *_: True,
) -> Scanner:
    """One that says what it is told to, and reads everything unless told otherwise."""

    def scan(item: Item, situation: Situation) -> Reading:
        del situation
        yield from notices
        yield from inner(item)
        if error is not None:
            raise error
        return (item.size_bytes or 0) if walked is None else walked

    return Scanner(name=name, plausible=plausible, scan=scan)


def read(*scanners: Scanner, raw: bytes = b"some bytes", budget: Budget | None = None) -> Read:
    situation = Situation(budget=budget or Budget.for_file(len(raw)))
    return read_file(Window.of(raw), path="file", situation=situation, scanners=scanners)


def rules(found: Read) -> list[str]:
    return [one.rule for one in found.notices]


def test_a_file_that_one_scanner_reads_to_its_end_without_a_notice_is_clean() -> None:
    found = read(scanner())
    assert found.verdict == "clean"
    assert found.walked_bytes == found.size_bytes == 10


def test_the_worst_verdict_of_all_plausible_scanners_wins() -> None:
    found = read(scanner(), scanner(notice("suspicious")), scanner(notice("malicious")))
    assert found.verdict == "malicious"
    assert rules(found) == ["test.malicious", "test.suspicious"]


def test_a_scanner_that_does_not_find_a_file_plausible_is_not_asked() -> None:
    found = read(scanner(), scanner(notice("malicious"), plausible=lambda *_: False))
    assert found.verdict == "clean"


def test_bytes_that_nobody_read_are_told() -> None:
    found = read(scanner(walked=4))
    assert found.verdict == "inconclusive"
    assert "6 of 10 bytes, from byte 4 on" in found.notices[0].why


def test_a_file_of_no_known_format_is_inconclusive() -> None:
    assert rules(read()) == ["scan.unknown"]


def test_an_empty_file_is_inconclusive() -> None:
    assert rules(read(scanner(), raw=b"")) == ["scan.empty"]


def test_a_scanner_that_cannot_make_sense_of_a_file_says_so() -> None:
    found = read(scanner(error=InputError("no sense")))
    assert rules(found) == ["scan.unreadable"]
    assert "no sense" in found.notices[0].why


def test_a_scanner_that_failed_is_told_even_where_another_reads_to_the_end() -> None:
    assert rules(read(scanner(error=InputError("no sense")), scanner())) == ["scan.unreadable"]


def test_a_scanner_whose_format_it_is_not_says_nothing() -> None:
    assert read(scanner(error=NotMineError("other")), scanner()).verdict == "clean"


def test_a_file_that_is_nobodys_format_is_of_no_known_one() -> None:
    found = read(scanner(error=NotMineError("one")), scanner(error=NotMineError("two")))
    assert rules(found) == ["scan.unknown"]


def test_only_scanners_that_account_for_bytes_are_formats_of_a_file() -> None:
    found = read(
        scanner(name="none", walked=0),
        scanner(name="broken", error=InputError("no sense")),
        scanner(name="large", error=LimitError("too much")),
        scanner(name="other", error=NotMineError("other")),
        scanner(name="read"),
    )
    assert found.formats == ("read",)


def test_what_a_scanner_noticed_before_it_failed_is_kept_all_the_same() -> None:
    found = read(scanner(notice("malicious"), error=InputError("broken")), scanner())
    assert rules(found) == ["test.malicious", "scan.unreadable"]


def test_that_one_scanner_ran_out_of_its_budget_is_told_whatever_others_say() -> None:
    found = read(scanner(error=LimitError("too much")), scanner())
    assert "scan.limit" in rules(found)


def nested(item: Item) -> tuple[Item, ...]:
    """Something inside, without end."""
    return (
        Item(content=item.content, path=f"{item.path}/in", depth=item.depth + 1, size_bytes=10),
    )


def test_what_lies_inside_is_scanned_in_turn() -> None:
    outer = scanner(inner=nested, plausible=lambda _, item: item.depth == 0)
    bad = scanner(notice("malicious"), plausible=lambda _, item: item.depth == 1)
    found = read(outer, bad)
    assert found.verdict == "malicious"
    assert found.streams == 2


def test_files_inside_of_files_without_end_are_ended() -> None:
    found = read(scanner(inner=nested))
    assert found.verdict == "inconclusive"
    assert "deep" in found.notices[-1].why


def test_something_inside_that_nobody_knows_makes_the_file_inconclusive() -> None:
    found = read(scanner(inner=nested, plausible=lambda _, item: item.depth == 0))
    assert rules(found) == ["scan.unknown"]
    assert found.notices[0].where == "file/in"


def test_a_million_notices_are_cut_off_and_that_is_told() -> None:
    many = [notice("suspicious", str(number)) for number in range(3000)]
    found = read(scanner(*many))
    assert len(found.notices) == 1001
    assert found.notices[-1].rule == "scan.notices"


def test_a_malicious_notice_is_not_lost_behind_a_thousand_others() -> None:
    many = [notice("inconclusive", str(number)) for number in range(3000)]
    assert read(scanner(*many, notice("malicious"))).verdict == "malicious"
