"""Where the signature of a model lies."""

from pathlib import Path

from bartizan.crypto.oms.measuring import is_folder

NAME = "model.sig"
"""What OMS calls it, in the model's folder."""


def signature_of(model: Path) -> Path:
    """Where the signature of a model is, unless somebody says otherwise.

    In a folder, `NAME`; of a file, beside it under the file's own name and ``.sig``, because
    several models may lie in one folder.

    Raises:
        InputError: there is no such model.
        TrustError: it is a link.
    """
    return model / NAME if is_folder(model) else model.with_name(f"{model.name}.sig")


def inside_of(model: Path, signature: Path) -> tuple[str, ...]:
    """The signature's name in the model, if it lies in there: it cannot sign itself."""
    try:
        place = signature.parent.resolve() / signature.name
        return (place.relative_to(model.resolve()).as_posix(),)
    except ValueError:
        return ()
