"""GGUF files: templates of chats, and counts that cannot be true."""

import struct

import pytest

from bartizan.supply.scanners.gguf import SCANNER
from model_files import gguf, gguf_text
from scanned import is_clean, scanned

HONEST = (
    "{% if messages[0]['role'] == 'system' %}{{ bos_token }}{% endif %}"
    "{%- for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] | trim }}"
    "{% endfor %}{{- 'You may import modules, such as subprocess.' if tools is defined }}"
)


def test_a_file_of_tensors_and_an_honest_template_is_clean() -> None:
    raw = gguf(
        {"general.name": "a", "tokenizer.chat_template": HONEST}, tensors=(("w", (4, 2), 0, 0),)
    )
    assert is_clean(scanned(SCANNER, raw), raw)


@pytest.mark.parametrize(
    "template",
    [
        "{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}",
        "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
        "{{ cycler['__init__'].x }}",
        "{{ x | attr(y) }}",
        "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
        "{{ x['_' ~ '_class_' ~ '_'] }}",
        "{% set u = '__' %}{{ '}}' ~ x[u] }}",
        "{%- include 'other' %}",
    ],
)
def test_templates_that_reach_for_the_interpreter_are_malicious(template: str) -> None:
    """CVE-2024-34359 and variations of it."""
    found = scanned(SCANNER, gguf({"tokenizer.chat_template.tool": template}))
    assert (found.verdict, found.rules) == ("malicious", {"gguf.template"})


@pytest.mark.parametrize(
    "tensor",
    [
        ("w", (1 << 40, 1 << 40), 0, 0),
        ("w", (1 << 20, 1), 0, 0),
        ("w", (4,), 0, 1 << 62),
        ("w", (4,), 0, 3),
        ("w", (33,), 2, 0),
    ],
)
def test_tensors_outside_of_the_file_are_suspicious(
    tensor: tuple[str, tuple[int, ...], int, int],
) -> None:
    assert scanned(SCANNER, gguf({}, tensors=(tensor,))).rules == {"gguf.tensor"}


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<4sIQQ", b"GGUF", 3, 1 << 60, 0),
        struct.pack("<4sIQQ", b"GGUF", 3, 0, 1 << 60),
        struct.pack("<4sIQQ", b"GGUF", 1, 0, 0),
        struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, (1 << 64) - 1),
        struct.pack("<4sIQQ", b"GGUF", 3, 0, 1)
        + gguf_text("a")
        + struct.pack("<IIQ", 9, 8, 1 << 61),
        struct.pack("<4sIQQ", b"GGUF", 3, 0, 1)
        + gguf_text("a")
        + struct.pack("<IIQ", 9, 4, 1 << 62),
        struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + gguf_text("a") + struct.pack("<IIQ", 9, 9, 1),
        struct.pack(">4sIQQ", b"FUGG", 3, 0, 0),
        gguf({"a": "b"})[:30],
        b"GGUF",
    ],
)
def test_counts_and_lengths_that_cannot_be_true_are_inconclusive(raw: bytes) -> None:
    assert scanned(SCANNER, raw).verdict == "inconclusive"


def test_bytes_after_the_last_tensor_are_not_accounted_for() -> None:
    raw = gguf({}, tensors=(("w", (8,), 0, 0),))
    assert scanned(SCANNER, raw + bytes(5000)).covered == len(raw)
