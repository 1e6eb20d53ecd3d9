"""Models named as ``module:factory``."""

import sys
from contextlib import redirect_stdout
from importlib import import_module
from types import ModuleType
from typing import Any

from bartizan.adapt.names import nearest
from bartizan.adapt.networks.modules import is_module
from bartizan.core.errors import ModelError, UsageError


def call_factory(name: str, *, directory: str) -> Any:
    """Import a module and let its factory make the model.

    Args:
        name: ``module:factory``; a function without arguments, or the model itself.
        directory: Where the module may lie besides the installed packages; it stays on the
            import path, because models import more when they are used.

    Raises:
        UsageError: there is no such module or name.
        ModelError: the module or the factory raised.
    """
    found = named_object(name, directory=directory)
    model = hasattr(found, "predict") or is_module(found)
    if not callable(found) or (model and not isinstance(found, type)):
        return found
    try:
        with redirect_stdout(sys.stderr):  # standard output is for results
            return found()
    except (Exception, SystemExit) as error:  # exit(0) in foreign code is no pass
        message = (
            f"the factory {name!r} raised {type(error).__name__}: {error}; expected a function "
            "without arguments that returns the model"
        )
        raise ModelError(message) from error


def named_object(name: str, *, directory: str) -> Any:
    """Import a module and fetch what is called so in it.

    Args:
        name: ``module:attribute``.
        directory: Where the module may lie besides the installed packages.

    Raises:
        UsageError: there is no such module or name.
        ModelError: the module raised when it was imported.
    """
    module_name, _, attribute = name.partition(":")
    module = _imported(module_name, directory=directory)
    if not hasattr(module, attribute):
        hint = nearest(attribute, [key for key in vars(module) if not key.startswith("_")])
        message = f"module {module_name!r} has no {attribute!r}{hint}"
        raise UsageError(message)
    return getattr(module, attribute)


def _imported(name: str, *, directory: str) -> ModuleType:
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        with redirect_stdout(sys.stderr):
            return import_module(name)
    except ModuleNotFoundError as error:
        message = (
            f"cannot import {error.name!r} for the model from {directory} or the installed "
            "packages; name the model as module:factory"
        )
        raise UsageError(message) from error
    except (Exception, SystemExit) as error:
        message = f"importing {name!r} raised {type(error).__name__}: {error}"
        raise ModelError(message) from error
