"""What the press says of a sheet that it cannot set for certain."""


class Unset(Exception):
    """This sheet is for typst: a letter, a break or a length that the press is not sure of."""
