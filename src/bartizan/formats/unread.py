"""Formats that are recognised and not read."""

_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard"),
    (b"MSCF\0\0\0\0", "a cabinet archive"),
    (b"LZIP", "compressed with lzip"),
    (b"\x89LZO\0\r\n\x1a\n", "compressed with lzop"),
    (b"\xff\x06\0\0sNaPpY", "compressed with Snappy"),
    (b"\x02\x21\x4c\x18", "compressed with LZ4's older form"),
    (b"\x1f\x9d", "compressed with compress"),
    (b"\x1f\xa0", "compressed with compress"),
    (b"!<arch>\n", "an ar archive"),
    (b"070701", "a cpio archive"),
    (b"070702", "a cpio archive"),
    (b"070707", "a cpio archive"),
    (b"xar!", "a xar archive"),
    (b"hsqs", "a SquashFS image"),
)
_CODE: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "a program or library of Linux"),
    (b"\xcf\xfa\xed\xfe", "a program or library of macOS"),
    (b"\xce\xfa\xed\xfe", "a program or library of macOS"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\0\0\x01\0", "an icon"),
    (b"ID3", "an MP3 recording"),
    (b"fLaC", "a FLAC recording"),
    (b"OggS", "an Ogg recording"),
    (b"\x1aE\xdf\xa3", "a Matroska film"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO", "a font"),
    (b"\0\x01\0\0", "a font"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"ARROW1\0\0", "an Arrow table"),
    (b"\0\0\0\x01Bud1", "a folder view of macOS"),
)
"""Of which no loader of models makes anything."""
_RIFF = {b"WEBP": "a WebP picture", b"WAVE": "a WAVE recording", b"AVI ": "an AVI film"}
_PE_OFFSET = 60
"""Where a program of Windows says where its header is."""


def unread_archive(head: bytes) -> str:
    """What kind of archive a file is that nobody here opens; empty = none of those.

    Example:
        >>> unread_archive(b"Rar!...."), unread_archive(bytes.fromhex("526172211a07"))
        ('', 'a RAR archive')
    """
    return next((name for magic, name in _MAGICS if head.startswith(magic)), "")


def native_code(head: bytes) -> str:
    """What kind of native code a file is; empty = none.

    Args:
        head: Its first bytes, some hundreds.
    """
    if head.startswith(b"MZ"):
        at = int.from_bytes(head[_PE_OFFSET : _PE_OFFSET + 4], "little")
        return "a program or library of Windows" if head[at : at + 4] == b"PE\0\0" else ""
    return next((name for magic, name in _CODE if head.startswith(magic)), "")


def other_kind(head: bytes) -> str:
    """What a file is that belongs to no model, and that nobody here reads; empty = none of those.

    Example:
        >>> other_kind(b"%PDF-1.7"), other_kind(b"RIFF1234WEBP"), other_kind(b"PK")
        ('a PDF document', 'a WebP picture', '')
    """
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "")
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":  # two reserved words, both zero
        return "a BMP picture"
    if head[4:8] == b"ftyp":
        return "an MP4 film or HEIF picture"
    return next((name for magic, name in _OTHERS if head.startswith(magic)), "")
