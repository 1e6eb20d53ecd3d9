"""XML: entities are told by their declaration, and never expanded."""

import pytest

from bartizan.supply.scanners.markup import SCANNER
from scanned import scanned

PMML = '<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/></PMML>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', "xml.external"),
        ('<!ENTITY % x PUBLIC "http://a.b/c" "d">', "xml.external"),
        ('<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">', "xml.bomb"),
    ],
)
def test_entities_that_reach_out_are_malicious_and_those_that_grow_suspicious(
    declared: str, rule: str, encoding: str
) -> None:
    text = f"<?xml version='1.0'?><!DOCTYPE PMML [{declared}]>{PMML}"
    found = scanned(SCANNER, text.encode(encoding), path="m.pmml")
    expected = "malicious" if rule == "xml.external" else "suspicious"
    assert (found.verdict, found.rules) == (expected, {rule})


def test_files_that_are_included_are_suspicious() -> None:
    text = (
        '<PMML xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></PMML>'
    )
    assert scanned(SCANNER, text.encode()).rules == {"xml.external"}


@pytest.mark.parametrize(
    "text",
    [
        f"<?xml version='1.0'?>{PMML}",
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd"><svg/>',
        "<?xml version='1.0'?><!-- <!DOCTYPE x [<!ENTITY a SYSTEM 'b'>]> --><a/>",
        '<!DOCTYPE a [<!ENTITY owner "us">]><a/>',
    ],
)
def test_honest_files_are_clean(text: str) -> None:
    assert scanned(SCANNER, text.encode(), path="m.xml").verdict == "clean"


def test_a_definition_from_outside_is_malicious_but_not_where_browsers_name_it() -> None:
    text = '<?xml version="1.0"?><!DOCTYPE {} SYSTEM "http://nobody.invalid/x.dtd"><{}/>'
    for root, expected in (("PMML", "malicious"), ("html", "clean"), ("svg", "clean")):
        raw = text.format(root, root).encode()
        assert scanned(SCANNER, raw, path="m.xml").verdict == expected
