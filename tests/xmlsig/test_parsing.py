"""What is read and what is refused does not hang on how much looks like a tag (emrex.md 3.5)."""

from __future__ import annotations

import pytest

from xmlsig.errors import NotRead
from xmlsig.parsing import MAX_ELEMENTS, parse

HTML = b"<a><![CDATA[%b]]></a>" % (b"<p>text</p>" * 2_500)
"""A description in HTML, as a course may have one."""


@pytest.mark.parametrize(
    "inside",
    [HTML * 100, b"<a><![CDATA[x]]><![CDATA[y]]><![CDATA[z]]></a>" * (MAX_ELEMENTS - 1)],
    ids=["html", "many"],
)
def test_tags_in_texts_are_no_elements(inside: bytes) -> None:
    """emrex.md 3.5.2: elements are counted, not what looks like one; national files hold HTML."""
    root = parse(b"<elmo>%b</elmo>" % inside).getroot()

    assert len(root) == inside.count(b"</a>")


@pytest.mark.parametrize(
    ("put", "reason"),
    [(b"<!-- a -->", "comment"), (b"<?a b?>", "instruction"), (b"<!DOCTYPE a>", "doctype")],
)
@pytest.mark.parametrize("before", [0, 1, 100])
def test_a_remark_is_found_behind_any_number_of_tags(put: bytes, reason: str, before: int) -> None:
    """emrex.md 64: and told by its name, because a comment is told of to who asks why."""
    with pytest.raises(NotRead) as caught:
        parse(b"<elmo>%b%b</elmo>" % (HTML * before, put))

    assert caught.value.reason == reason
