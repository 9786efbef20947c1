"""A group of commands whose modules are imported when they are asked for, so that each starts quickly."""

from __future__ import annotations

import importlib

import click


class LazyGroup(click.Group):
    """A group whose sub-commands live in the modules of their names in ``package``, each as ``command``."""

    package = ""
    names: tuple[str, ...] = ()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which one uses them."""
        del ctx
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the sub-command ``cmd_name``; None if there is none of this name."""
        del ctx
        if cmd_name not in self.names:
            return None
        module = importlib.import_module(f"{self.package}.{cmd_name}")
        command: click.Command = module.command
        return command
