"""Runs foreign training code: on one thread, without its warnings, and with its errors named."""

import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

from threadpoolctl import threadpool_limits

from bartizan.core.errors import Error, ModelError

_SHOWN = 300
"""Characters of a foreign message; some print whole arrays."""


def trained(run: Callable[[], Any], *, what: str) -> Any:
    """Call something that trains.

    One thread is what makes many small trainings quick: threads that wait for one another on
    busy cores were measured to take forty times as long.

    Args:
        run: Trains, and returns whatever it made.
        what: For the message, such as ``training X anew``.

    Raises:
        ModelError: it raised.
    """
    try:
        # what a recipe prints is told, but standard output is for results
        with threadpool_limits(1), warnings.catch_warnings(), redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            return run()
    except Error:
        raise
    except (Exception, SystemExit) as error:  # whatever foreign code raises; exit(0) is no pass
        said = " ".join(str(error).split())[:_SHOWN]
        message = f"{what} raised {type(error).__name__}: {said}"
        raise ModelError(message) from error
