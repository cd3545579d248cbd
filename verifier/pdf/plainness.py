"""How an update after the seal may be spelled: tokens and little else.

A value can be spelled in many ways, and between values there is room for comments and
white space without end. No signature need cover that room. So updates after the seal
keep to the plain spelling in which our sealers write them: no comments, no runs of white
space, no escapes that stand for nothing, no heaps of zeros.
"""

from __future__ import annotations

import re

_TOKEN = rb"""
      /[^\x00\t\n\x0c\r ()<>\[\]{}/%]*
    | << | >> | \[
    | \][ ]{0,40}                              # what a byte range leaves of its place
    | <[0-9A-Fa-f]*>
    | \((?:[^()\\]|\\[nrtbf()\\]|\\[0-7]{3})*+\)
    | [+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?![\d.])
    | (?:true|false|null|R|n|obj|endobj|stream|endstream|xref|trailer|startxref)
"""
_PLAIN = re.compile(rb"(?:(?:%b)[\r\n\ ]{0,2})*+%%%%EOF[\r\n]{0,2}" % _TOKEN, re.VERBOSE)


def is_plain(frame: bytes) -> bool:
    """Whether a revision, the contents of its streams left out, is plainly spelled."""
    return _PLAIN.fullmatch(frame) is not None
