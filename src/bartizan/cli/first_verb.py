"""Groups of verbs, and those whose first verb is meant where none is named."""

from typing import Any

import typer
from typer.core import TyperGroup


class FirstVerb(TyperGroup):
    """`bartizan comply --out x` is `bartizan comply report --out x`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the first verb in front, unless a verb or the help of the group is asked for.

        Whoever names a verb after options is told so by the first one, which takes no such word.
        """
        first = args[0] if args else ""
        if not first or (first.startswith("-") and first not in ctx.help_option_names):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


def group_of(about: str, *, first: bool) -> typer.Typer:
    """A group of verbs.

    Args:
        about: Its help.
        first: Whether its first verb is meant where none is named; else its help is.
    """
    if first:
        return typer.Typer(cls=FirstVerb, help=about, rich_markup_mode="rich")
    return typer.Typer(help=about, no_args_is_help=True, rich_markup_mode="rich")
