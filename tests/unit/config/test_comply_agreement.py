"""What stands under `[comply]` agrees with itself and the catalogues, or is refused by line."""

from collections.abc import Callable

import pytest

from bartizan.config import Config
from bartizan.core.errors import ConfigError

POLICY = """
[[comply.policy]]
id = "rules"
kind = "retirement"
title = "Rules"
path = "rules.md"
owner = "Ada"
"""
AUDIT = """
[[comply.audit]]
id = "look"
what = "Logs"
every_days = 90
owner = "Ada"
"""
EXCLUDE = """
[[comply.exclude]]
framework = "gdpr"
clause = "Article 22"
why = "no person is judged"
who = "DPO"
"""
LINK = """
[[comply.link]]
control = "bom-kept"
framework = "gdpr"
clause = "Article 30"
relationship = "intersects"
why = "It is a list."
"""


def test_a_sound_table_is_read(read: Callable[[str], Config], sound: str) -> None:
    comply = read(sound + POLICY + AUDIT + EXCLUDE + LINK).comply
    assert comply.policy[0].review_days == 365
    assert comply.audit[0].kind == "other"
    assert comply.days.of("critical") == 7
    assert comply.days.of("none") is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (POLICY + POLICY, "'rules' is taken by another policy or audit"),
        (POLICY + AUDIT.replace("look", "rules"), "'rules' is taken by another policy or audit"),
        (POLICY.replace("retirement", "retirment"), "did you mean 'retirement'"),
        (POLICY + "review_days = 0\n", "review_days: expected a whole number"),
        (AUDIT.replace("90", "0"), "every_days: expected a whole number"),
        (EXCLUDE.replace("gdpr", "gdrp"), "no framework 'gdrp'; did you mean 'gdpr'"),
        (EXCLUDE.replace("Article 22", "Article 222"), "did you mean 'Article 22'"),
        (EXCLUDE.replace('who = "DPO"', ""), "who: missing"),
        (LINK.replace("bom-kept", "bom-keept"), "no control 'bom-keept'; did you mean 'bom-kept'"),
        (LINK.replace("Article 30", "Article 300"), "did you mean 'Article 30'"),
        (LINK.replace("intersects", "equal"), "'equal' is for clauses of your own files"),
        (LINK.replace("intersects", "superset"), "'superset' is for clauses of your own files"),
        ('[comply]\nframeworks = ["hippa"]\n', "no framework 'hippa'; did you mean 'hipaa'"),
        ("[comply.days]\nhigh = 0\n", "high: expected a whole number"),
        ("[comply.days]\nhuge = 1\n", "unknown key"),
    ],
)
def test_a_contradiction_is_refused_with_its_line(
    refusal: Callable[[str], str], sound: str, more: str, said: str
) -> None:
    message = refusal(sound + more)
    assert said in message
    line = int(message.split(":")[1])
    assert line > sound.count("\n")


def test_a_framework_of_ones_own_files_is_looked_up_when_they_are_read(
    read: Callable[[str], Config], sound: str
) -> None:
    more = '[comply]\nclause_files = ["own.toml"]\nframeworks = ["own"]\n'
    assert read(sound + more).comply.frameworks == ("own",)


@pytest.mark.parametrize("days", ["0", "3651", "0.5", "90.0", "1e10", "inf", "nan", "true"])
def test_the_age_of_evidence_is_in_whole_days_of_ten_years_at_most(
    read: Callable[[str], Config], sound: str, days: str
) -> None:
    assert read(f"{sound}\n[comply]\nevidence_age_days = 3650\n").comply.evidence_age_days == 3650
    with pytest.raises(ConfigError) as caught:
        read(f"{sound}\n[comply]\nevidence_age_days = {days}\n")
    assert "evidence_age_days: expected a whole number >= 1 and <= 3650" in str(caught.value)
    assert "leave the key out" not in str(caught.value)


def test_a_link_to_clauses_of_ones_own_may_say_that_it_answers_all_of_them(
    read: Callable[[str], Config], sound: str
) -> None:
    own = LINK.replace("gdpr", "house-rules").replace("intersects", "equal")
    more = '[comply]\nclause_files = ["own.toml"]\n' + own
    assert read(sound + more).comply.link[0].relationship == "equal"
