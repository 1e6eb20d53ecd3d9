"""What is learnt on the way through a pickle."""

from collections import Counter
from dataclasses import dataclass, field

from bartizan.formats.pickles.attributes import GETATTR
from bartizan.formats.pickles.made_of import grade_of_name
from bartizan.formats.pickles.memory.endings import TooMuch
from bartizan.formats.pickles.memory.values import Fresh
from bartizan.formats.pickles.names import LATIN, is_zone
from bartizan.formats.pickles.trace import (
    Argument,
    Called,
    Ending,
    How,
    Imported,
    Made,
    Name,
    Opaque,
    Trace,
    Verb,
)

_EQUAL = 1_000
"""Facts of one kind that are kept: whoever was not convinced by these is not by more."""
_ALIKE = 10
"""Further calls of one callee that are judged alike: they tell nothing that the first did not."""
_SMALL_BITS = 16
"""Numbers below 65,536 are judged alike: no limit for sizes lies below."""
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
    _names: dict[Name, Fresh] = field(default_factory=dict)
    _tally: Counter[object] = field(default_factory=Counter)
    _room: int = _ROOM_BYTES

    def imported(self, name: Name, *, spelled: Name, offset: int) -> Name:
        """A name is looked up.

        Returns:
            The same name, one object for all times that it is looked up.

        Raises:
            TooMuch: there are more names than any model has.
        """
        one = self.fresh(name).by or name
        self._tally[id(one)] += 1
        if self._tally[id(one)] <= _EQUAL:
            self.imports.append(Imported(name=one, spelled=spelled, offset=offset))
        return one

    def made(self, by: Name) -> Made:
        """What a call of a name has returned: one value for all of its calls."""
        return self.fresh(by).settled

    def fresh(self, by: Name) -> Fresh:
        """What a call of a name has just returned: one value for all of its calls.

        Raises:
            TooMuch: there are more names than any model has.
        """
        if by not in self._names:
            if len(self._names) >= _NAMES:
                message = f"more than {_NAMES:,} different names"
                raise TooMuch(message)
            grade = grade_of_name(by)
            self._names[by] = Fresh(by, grade, settled=Made(by, grade))
        return self._names[by]

    def called(
        self,
        callee: Name | None,
        *,
        how: How,
        arguments: tuple[Argument, ...],
        offset: int,
        verb: Verb = "",
        again: bool = False,
    ) -> None:
        """Something runs.

        Args:
            callee: As `imported` or `made` returned it: names are told apart by identity here,
                which is ten times as fast.
            how: How it runs.
            arguments: What it is handed.
            offset: Of the instruction.
            verb: The method, of `state` and `fill`.
            again: As of `trace.Called`.

        Raises:
            TooMuch: there are more different calls than any model makes.
        """
        key = (id(callee), how)
        self._tally[key] += 1
        if self._tally[key] > _EQUAL:
            judged = (key, verb, again, arguments if callee == GETATTR else shape(arguments))
            self._tally[judged] += 1
            if self._tally[judged] > _ALIKE:
                return
        self._room -= 250 + _weight(arguments)
        if self._room < 0:
            message = f"more different calls than {_ROOM_BYTES:,} bytes hold"
            raise TooMuch(message)
        self.calls.append(
            Called(
                callee=callee,
                how=how,
                arguments=arguments,
                offset=offset,
                verb=verb,
                again=again,
            )
        )

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


def shape(arguments: tuple[Argument, ...]) -> tuple[object, ...]:
    """All that anybody judges a call by: what is equal here is judged alike.

    Of names the identity counts, of texts which codec they name and whether they name a zone, of
    numbers how large they are.
    """
    return tuple(_shape(item) for item in arguments)


def _shape(item: Argument) -> object:
    """Of one argument."""
    kind = type(item)
    if kind is tuple:
        return shape(item)  # type: ignore[arg-type]
    if kind is str:
        text = str(item)
        return text if text.lower() in LATIN else is_zone(text)
    if kind is int:
        return max(_SMALL_BITS, item.bit_length())  # type: ignore[union-attr]
    if isinstance(item, Made):
        return kind, id(item.by), item.grade
    if isinstance(item, Opaque):
        return item.kind, item.grade, item.keys
    return id(item)


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
