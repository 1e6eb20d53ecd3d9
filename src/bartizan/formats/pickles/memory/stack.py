"""The stack of an unpickler and its marks."""

from array import array

from bartizan.formats.pickles.memory.endings import Broken, TooMuch
from bartizan.formats.pickles.memory.values import (
    COMPUTED,
    Array,
    Dtype,
    Fresh,
    Run,
    Value,
    Wrapper,
    each,
)

_PILE = 20_000
"""Values above one mark that are kept apart. Picklers put down a thousand, and more only for the
items of one tuple, of which nobody needs the 20,000th."""
_VALUES = 100_000
"""On the whole stack: below 60 MB even if each is a tuple of 64."""
_MARKS = 100_000
"""Open at once. Picklers nest as deep as Python recurses, a thousand or ten."""


class Stack:
    """Values, and marks between them. Nothing below the last mark can be reached.

    Attributes:
        items: Bottom first.
        push: Puts a value on top.
        wary: Whether a `Wrapper` may lie on it, which must not go anywhere else.
    """

    __slots__ = ("_marks", "fence", "items", "push", "wary")

    def __init__(self) -> None:
        """Empty."""
        self.items: list[Value] = []
        self.push = self.items.append
        self.fence = 0
        self.wary = False
        self._marks = array("q")

    def mark(self) -> None:
        """Set a mark on top."""
        if len(self._marks) >= _MARKS:
            message = f"more than {_MARKS:,} marks are open"
            raise TooMuch(message)
        self._marks.append(self.fence)
        self.fence = len(self.items)

    def _unmark(self) -> int:
        """Take the last mark away. Returns: how many values lie below it."""
        if not self._marks:
            message = "there is no mark"
            raise Broken(message)
        place, self.fence = self.fence, self._marks.pop()
        return place

    def top(self) -> Value:
        """The value on top."""
        if len(self.items) <= self.fence:
            message = "the stack is empty"
            raise Broken(message)
        top = self.items[-1]
        return top.value if type(top) is Run else top

    def settle(self) -> None:
        """What lies on top is no longer fresh: it got a state, or lies elsewhere too."""
        top = self.items[-1]
        if type(top) is Fresh:
            self.items[-1] = top.settled
        elif isinstance(top, Dtype | Array):
            top.settled = True

    def drop(self) -> None:
        """Throw away the value on top, or the mark if there is none above it."""
        if self._marks and len(self.items) == self.fence:
            self._unmark()
        else:
            self._pop()

    def pop(self) -> Value:
        """Take the value on top, to use it."""
        value = self._pop()
        if self.wary:
            _refuse_wrappers([value])
        return value

    def _pop(self) -> Value:
        """Take the value on top."""
        value = self.top()
        last = self.items[-1]
        if type(last) is Run and last.count > 1:
            last.count -= 1
        else:
            self.items.pop()
        return value

    def gather(self) -> list[Value]:
        """Take everything above the last mark, and the mark; runs as they are."""
        place = self._unmark()
        found = self.items[place:]
        del self.items[place:]
        if self.wary:
            _refuse_wrappers(found)
        return found

    def last(self, count: int) -> list[Value]:
        """Take the last few, one by one."""
        items = self.items
        if len(items) - self.fence >= count and not self.wary:
            found = items[-count:]
            if Run not in map(type, found):
                del items[-count:]
                return found
        return [self.pop() for _ in range(count)][::-1]

    def press(self) -> None:
        """Keep it small: called now and then.

        Raises:
            TooMuch: there is more on it than anybody can write.
        """
        if len(self.items) - self.fence > _PILE:
            deep = self.items[self.fence : -_PILE // 2]
            if self.wary:
                _refuse_wrappers(deep)
            count = sum(item.count if type(item) is Run else 1 for item in deep)
            self.items[self.fence : -_PILE // 2] = [Run(COMPUTED, count)]
        if len(self.items) > _VALUES:
            message = f"more than {_VALUES:,} values wait on the stack"
            raise TooMuch(message)


def _refuse_wrappers(values: list[Value]) -> None:
    """Whoever hides what stands for an array hides where its bytes begin."""
    if any(type(value) is Wrapper for value in each(values)):
        message = "what stands for an array of joblib is used as something else"
        raise Broken(message)
