"""Every error a user can meet.

The tree::

    The base, Error
    ├── InputError            data or a model that cannot be used as given
    │   ├── ShapeError        wrong number of rows, columns or dimensions
    │   ├── NonFiniteError    NaN or infinity where a number must be
    │   ├── SchemaError       columns, types or categories do not fit
    │   ├── ForgedError       a file says of itself what cannot be true
    │   └── ModelError        the model crashed or answered nonsense
    ├── UsageError            the request itself is wrong
    │   ├── ConfigError       a key or value in the project file or a flag
    │   ├── UnknownEntryError no such catalogue entry
    │   ├── MissingExtraError an optional dependency is not installed
    │   └── OutputError       the place for results cannot be written
    ├── TrustError            asked to load something that may be hostile
    │   ├── UnsafeFormatError a format that can run code when it is opened
    │   └── LedgerError       a log, proof or signature that does not hold
    └── LimitError            a declared limit was reached
        ├── AccessError       an attack asked for more than its attacker can see
        └── BudgetExceededError  a query past the budget

A message says what was expected, what was got and what to do. Only `cli/exit.py` turns
errors into exit codes.
"""


class Error(Exception):
    """Base of every error that Bartizan raises on purpose."""


class InputError(Error):
    """Data or a model that cannot be used as given."""


class ShapeError(InputError):
    """Wrong number of rows, columns or dimensions."""


class NonFiniteError(InputError):
    """NaN or infinity where a finite number must be."""


class SchemaError(InputError):
    """Columns, types or categories do not fit what was declared or fitted."""


class ForgedError(InputError):
    """A file says of itself what cannot be true: it is damaged, or made to deceive its reader."""


class ModelError(InputError):
    """The model crashed, or answered with something that is not a score."""


class UsageError(Error):
    """The request itself is wrong."""


class ConfigError(UsageError):
    """A key or a value in the project file or in a flag."""


class UnknownEntryError(UsageError):
    """No catalogue entry has that id."""


class MissingExtraError(UsageError):
    """An optional dependency is not installed."""


class OutputError(UsageError):
    """The place for results cannot be written."""


class TrustError(Error):
    """Asked to load something that may be hostile, unsigned or changed."""


class UnsafeFormatError(TrustError):
    """A format that can run code when it is opened."""


class LedgerError(TrustError):
    """A log, a proof or a signature that does not hold."""


class LimitError(Error):
    """A declared limit was reached."""


class AccessError(LimitError):
    """An attack asked for more than its attacker can see."""


class BudgetExceededError(LimitError):
    """A query past the attacker's budget; nothing was sent to the model."""
