"""Tensors of safetensors and GGUF."""

import json
import struct

from bartizan.supply.planted.case import Planted, honest, hostile


def safetensors() -> tuple[Planted, ...]:
    """One byte, and one behind it that no tensor has."""
    return (
        honest("a tensor of safetensors", _safetensors(b"\7")),
        hostile(
            "bytes behind the tensors of safetensors",
            _safetensors(b"\7\7"),
            verdict="suspicious",
            rule="safetensors.trailing",
        ),
    )


def gguf() -> tuple[Planted, ...]:
    """A template of chats."""
    return (
        honest("a template in GGUF", _gguf("{{ messages }}")),
        hostile(
            "a template in GGUF that reaches for the interpreter",
            _gguf("{{ x.__init__.__globals__ }}"),
            verdict="malicious",
            rule="gguf.template",
        ),
    )


def _safetensors(numbers: bytes) -> bytes:
    tensor = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}
    header = json.dumps({"w": tensor}).encode()
    return struct.pack("<Q", len(header)) + header + numbers


def _gguf(template: str) -> bytes:
    """Version 3, no tensors, one text (type 8)."""
    key, value = (
        struct.pack("<Q", len(text)) + text.encode()
        for text in ("tokenizer.chat_template", template)
    )
    return struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + key + struct.pack("<I", 8) + value
