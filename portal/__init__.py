"""The holder's own pages: my diplomas, one diploma, what goes into an extract, the download."""

from portal.pages import Portal, router

__all__ = ["Portal", "router"]
