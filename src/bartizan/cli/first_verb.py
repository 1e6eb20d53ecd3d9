"""A group of verbs whose first one is meant where none is named."""

from typing import Any

from typer.core import TyperGroup


class FirstVerb(TyperGroup):
    """`bartizan comply --out x` is `bartizan comply report --out x`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the first verb in front, unless a verb or the help of the group is asked for."""
        first = args[0] if args else ""
        if not first or (first.startswith("-") and first not in ctx.help_option_names):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)
