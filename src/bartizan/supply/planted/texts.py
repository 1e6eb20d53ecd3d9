"""Texts and pictures: files that hold nothing but data, and those that bring more."""

from bartizan.supply.planted.case import Planted, honest, hostile

_PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
    b":~\x9bU\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND"
    b"\xaeB`\x82"
)
"""One grey pixel."""


def markup() -> tuple[Planted, ...]:
    """A model of PMML without anything in it."""
    reaching = b'<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///nonexistent">]>\n'
    front, model = b'<?xml version="1.0"?>\n', b'<PMML version="4.4"></PMML>\n'
    return (
        honest("a model in PMML", front + model),
        hostile(
            "an entity of XML that reaches for a file",
            front + reaching + model,
            verdict="malicious",
            rule="xml.external",
        ),
    )


def yaml() -> tuple[Planted, ...]:
    """Settings."""
    name = "planted.yaml"
    return (
        honest("settings in YAML", b"rate: 0.1\n", path=name),
        hostile(
            "a tag of YAML that calls a command",
            b"x: !!python/object/apply:os.system ['true']\n",
            verdict="malicious",
            rule="yaml.tag",
            path=name,
        ),
        hostile(
            "settings of YAML that a framework calls",
            b"model:\n  _target_: os.system\n",
            verdict="malicious",
            rule="yaml.target",
            path=name,
        ),
    )


def data() -> tuple[Planted, ...]:
    """What is looked at for being nothing else: its hostile files are those that are something."""
    return (
        honest("a text", b"about this model\n"),
        honest("a picture", _PICTURE),
        hostile(
            "bytes behind a picture",
            _PICTURE + b"\x01\x02\x03",
            verdict="inconclusive",
            rule="scan.unread",
        ),
        hostile(
            "a text that is not in UTF-8",
            b"caf\xe9\n",
            verdict="inconclusive",
            rule="scan.unknown",
        ),
    )


def code() -> tuple[Planted, ...]:
    """What is run by whoever trusts it: none of it is read, none of it is clean."""
    return (
        honest("a configuration", b'{"layers": 2}\n', path="planted.json"),
        hostile(
            "a text under the name of a program",
            b"about this model\n",
            verdict="inconclusive",
            rule="file.code",
            path="planted.py",
        ),
        hostile(
            "a configuration that asks for code",
            b'{"auto_map": {"AutoModel": "planted.Model"}}\n',
            verdict="inconclusive",
            rule="file.asks-for-code",
            path="planted.json",
        ),
    )


def pages() -> tuple[Planted, ...]:
    """A report."""
    front = b"<!doctype html>\n<p>about this model</p>\n"
    return (
        honest("a page", front),
        hostile(
            "a page with a script",
            front + b"<script>fetch('planted')</script>\n",
            verdict="inconclusive",
            rule="page.active",
        ),
    )


def log() -> tuple[Planted, ...]:
    """Tiles of a log, with one entry and one hash."""
    entry = b"about this model\n"
    return (
        honest(
            "an entry of a log",
            len(entry).to_bytes(2, "big") + entry,
            path="tile/entries/000.p/1",
        ),
        hostile(
            "a hash of a log, which is no text",
            bytes(range(32)),
            verdict="inconclusive",
            rule="file.hashes",
            path="tile/0/000.p/1",
        ),
    )
