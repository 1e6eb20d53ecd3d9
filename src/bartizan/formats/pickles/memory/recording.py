"""What is learnt on the way through a pickle."""

from collections import Counter
from dataclasses import dataclass, field

from bartizan.formats.pickles.memory.endings import TooMuch
from bartizan.formats.pickles.trace import (
    Argument,
    Called,
    Ending,
    How,
    Imported,
    Made,
    Name,
    Trace,
)

_EQUAL = 1_000
"""Facts of one kind that are kept: whoever was not convinced by these is not by more."""
_NAMES = 20_000
"""Different names; the largest models have some hundred."""
_ROOM_BYTES = 64 << 20
"""For the calls that are kept: some 200,000."""


@dataclass
class Recording:
    """Facts of one pickle, a bounded number of them."""

    imports: list[Imported] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    persistent: list[int] = field(default_factory=list)
    extensions: dict[int, None] = field(default_factory=dict)
    buffers: int = 0
    arrays: int = 0
    unfolds: int = 1
    limited: bool = False
    _odd: dict[str, int] = field(default_factory=dict)
    _names: dict[Name, Made] = field(default_factory=dict)
    _tally: Counter[object] = field(default_factory=Counter)
    _room: int = _ROOM_BYTES

    def imported(self, name: Name, *, spelled: Name, offset: int) -> Name:
        """A name is looked up.

        Returns:
            The same name, one object for all times that it is looked up.

        Raises:
            TooMuch: there are more names than any model has.
        """
        one = self.made(name).by or name
        self._tally[id(one)] += 1
        if self._tally[id(one)] <= _EQUAL:
            self.imports.append(Imported(name=one, spelled=spelled, offset=offset))
        return one

    def made(self, by: Name) -> Made:
        """What a call of a name returns: one value for all of its calls.

        Raises:
            TooMuch: there are more names than any model has.
        """
        if by not in self._names:
            if len(self._names) >= _NAMES:
                message = f"more than {_NAMES:,} different names"
                raise TooMuch(message)
            self._names[by] = Made(by)
        return self._names[by]

    def called(
        self, callee: Name | None, *, how: How, arguments: tuple[Argument, ...], offset: int
    ) -> None:
        """Something runs.

        Args:
            callee: As `imported` or `made` returned it: names are told apart by identity here,
                which is ten times as fast.
            how: How it runs.
            arguments: What it is handed.
            offset: Of the instruction.

        Raises:
            TooMuch: there are more different calls than any model makes.
        """
        key = (id(callee), how)
        self._tally[key] += 1
        if self._tally[key] > _EQUAL:
            names = tuple(_names(arguments))
            self._tally[key, names] += bool(names)
            if not names or self._tally[key, names] > _EQUAL:
                return
        self._room -= 250 + _weight(arguments)
        if self._room < 0:
            message = f"more different calls than {_ROOM_BYTES:,} bytes hold"
            raise TooMuch(message)
        self.calls.append(Called(callee=callee, how=how, arguments=arguments, offset=offset))

    def asked(self, offset: int) -> None:
        """An object is asked of whoever opens the pickle."""
        if len(self.persistent) < _EQUAL:
            self.persistent.append(offset)

    def extended(self, code: int) -> None:
        """A name of the registry of extensions is used."""
        if len(self.extensions) < _EQUAL:
            self.extensions[code] = None

    def odd(self, what: str, *, offset: int) -> None:
        """Something that no pickler writes; the first place of each kind is kept."""
        self._odd.setdefault(what, offset)

    def trace(self, ending: Ending, *, why: str, size_bytes: int) -> Trace:
        """All of it."""
        return Trace(
            ending=ending,
            why=why,
            size_bytes=size_bytes,
            imports=tuple(self.imports),
            calls=tuple(self.calls),
            persistent=tuple(self.persistent),
            extensions=tuple(self.extensions),
            buffers=self.buffers,
            arrays=self.arrays,
            unfolds=self.unfolds,
            limited=self.limited,
            odd=tuple(f"{what}, at byte {offset:,}" for what, offset in self._odd.items()),
        )


def _names(arguments: tuple[Argument, ...]) -> list[int]:
    """Names that are handed over, and things that were made by them, by identity."""
    found: list[int] = []
    for item in arguments:
        if type(item) is tuple:
            found += _names(item)
        elif isinstance(item, Name | Made):
            found.append(id(item.by if isinstance(item, Made) else item))
    return found


def _weight(arguments: tuple[Argument, ...]) -> int:
    """Bytes that they take, about."""
    return sum(
        60 + _weight(item)
        if isinstance(item, tuple)
        else 60 + len(item)
        if isinstance(item, str)
        else 16
        for item in arguments
    )
