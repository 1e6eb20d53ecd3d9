"""Which files are source code, by their names and first line."""

_PYTHON, _SHELL, _C = "Python", "a shell", "C or C++"
_LANGUAGES = {
    **dict.fromkeys((".py", ".pyi", ".pyw", ".pyx", ".pxd"), _PYTHON),
    **dict.fromkeys((".bash", ".fish", ".ksh", ".sh", ".zsh"), _SHELL),
    **dict.fromkeys((".c", ".cc", ".cpp", ".cu", ".cuh", ".cxx", ".h", ".hpp"), _C),
    **dict.fromkeys((".bat", ".cmd", ".ps1", ".psm1", ".vbe", ".vbs"), "the shell of Windows"),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".ts", ".tsx"), "JavaScript"),
    **dict.fromkeys((".go", ".java", ".jl", ".kt", ".lua", ".php", ".pl", ".r", ".rb", ".rs"), ""),
    **dict.fromkeys((".cs", ".scala", ".sql", ".swift", ".awk", ".clj", ".f90", ".groovy"), ""),
    **dict.fromkeys((".applescript", ".jse", ".m", ".mk", ".nim", ".tcl", ".vue", ".wsf"), ""),
}
"""By ending, what the code is in; empty = another language."""
_BRINGING = {
    ".command": "a script that macOS starts",
    ".hta": "a page that Windows runs as a program",
    ".reg": "changes to the registry of Windows",
    ".service": "a service of systemd, which names a command",
    ".desktop": "a starter of the desktop, which names a command",
    ".ipynb": "a notebook, which holds code",
    ".pth": "a path file of Python, whose lines may be code",
}
"""By ending, what is no code itself, and brings some."""
_WHOLE = frozenset(
    (
        ".bash_profile",
        ".bashrc",
        ".profile",
        ".zshrc",
        "cmakelists.txt",
        "dockerfile",
        "gnumakefile",
    )
) | frozenset(("jenkinsfile", "justfile", "makefile", "rakefile"))
"""Names that a program runs without being told which."""


def source_code(path: str, head: bytes) -> str:
    """What kind of code a file of text is; empty = none.

    Args:
        path: Its name.
        head: Its first bytes.

    Example:
        >>> source_code("a/train.py", b""), source_code("run", b"#!/bin/sh")
        ('source code in Python', 'a script')
    """
    name = path.rpartition("/")[2].lower().rstrip(". ")  # as Windows takes names
    if name in _WHOLE:
        return "a script by its name"
    ending = f".{name.rpartition('.')[2]}" if "." in name else ""
    if ending in _BRINGING:
        return _BRINGING[ending]
    if ending in _LANGUAGES:
        language = _LANGUAGES[ending]
        return f"source code in {language}" if language else "source code"
    return "a script" if head.startswith(b"#!") else ""
