"""What counts as a draft, held against a second reader that is slow and plain (pdf.md 3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import UnknownShape
from credentials.extract import Language
from credentials.pades.shape import Begun, read_draft
from credentials.press.front import fronts
from tests.credentials.paper import SAME_KEY, payload, renderer
from tests.credentials.people import extract

Object = tuple[int, bytes]
HEADER = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"
STREAM = re.compile(rb"<</Length ([0-9]+)(?:/[^\n]*)?>>\nstream\n")
BEGINNINGS = tuple(Begun(one.data, one.rows, one.objects) for one in fronts())
INSIDE = (
    b"endobj",
    b"\n38 0 obj\n<<>>",
    b"\nendobj\n",
    b"\nstream\n",
    b"\nendstream\nendobj\n98 0 obj\n<<>>\nendobj\n",
)
AROUND = (b"", b" ", b"\n", b"0", b"%x\n", b"98 0 obj\n<<>>\nendobj\n", b"1 0 obj<<>>endobj\n")
HEADS = (b" 0 obj ", b" 0 obj\r\n", b" 00 obj\n", b" 1 obj\n", b"  0 obj\n")
LENGTHS = (b"/Length 0", b"/Length  ", b"/Length 1", b"/Length 7/Length ", b"/DL ")


class Parts(NamedTuple):
    """A draft in pieces, to be put together wrongly."""

    objects: tuple[Object, ...]
    trailer: bytes
    rows: int
    """How many its table claims to have."""

    def joined(self) -> bytes:
        """With a table that is right for what is there, whatever it claims."""
        body = HEADER + b"".join(text for _, text in self.objects)
        return body + table(self.objects, self.rows) + self.trailer + b"%d\n%%%%EOF" % len(body)


def table(objects: Sequence[Object], claimed: int) -> bytes:
    at, places = len(HEADER), dict[int, int]()
    for number, text in objects:
        places.setdefault(number, at)
        at += len(text)
    rows = b"".join(b"%010d 00000 n\r\n" % places[number] for number in sorted(places))
    return b"xref\n0 %d\n0000000000 65535 f\r\n%b" % (claimed, rows)


def taken_apart(pdf: bytes) -> tuple[tuple[Object, ...], bytes] | None:
    """Every object in turn, and all behind them; None where something is not an object."""
    at, found = len(HEADER), list[Object]()
    while head := re.compile(rb"([1-9][0-9]{0,6}) 0 obj\n").match(pdf, at):
        end = _end(pdf, head.end())
        if end is None:
            return None
        found.append((int(head[1]), pdf[at:end]))
        at = end
    return tuple(found), pdf[at:]


def _end(pdf: bytes, start: int) -> int | None:
    """Behind the object whose body begins there."""
    ends, stream = b"\nendobj\n", STREAM.match(pdf, start)
    if stream is None:
        text, end, _ = pdf[start:].partition(ends)
        return start + len(text + end) if end and b"\nstream" not in text else None
    behind = stream.end() + int(stream[1])
    ends = b"\nendstream" + ends
    is_sure = pdf.startswith(ends, behind) and b"/Length " not in stream[0][len(b"<</Length ") :]
    return behind + len(ends) if is_sure else None


def is_sound(pdf: bytes) -> bool:
    """Whether it is objects 1 to n, one behind another, and the table and trailer of those."""
    found = taken_apart(pdf) if pdf.startswith(HEADER) else None
    if found is None:
        return False
    objects, rest = found
    texts = [text for _, text in objects if b"\nstream\n" not in text]
    numbered = sorted(number for number, _ in objects) == [*range(1, len(objects) + 1)]
    claimed = len(objects) + 1
    right = rest.startswith(table(objects, claimed) + b"trailer\n<</Size %d/" % claimed)
    return numbered and right and all(map(_is_one, texts))


def _is_one(text: bytes) -> bool:
    """Whether whoever looks for beginnings and ends of objects finds one of each."""
    return text.count(b"endobj") == 1 == len(re.findall(rb"\d+\s+\d+\s+obj", text))


@cache
def draft() -> bytes:
    asked = extract("mbo", Language.NL)
    return renderer().render(asked, payload(asked, SAME_KEY))


@cache
def parts() -> Parts:
    found = taken_apart(draft())
    assert found is not None
    objects, rest = found
    trailer = rest[rest.index(b"trailer") : rest.index(b"startxref\n") + len(b"startxref\n")]
    return Parts(objects, trailer, len(objects) + 1)


def accepted(pdf: bytes, *begun: Begun) -> bool:
    try:
        read_draft(pdf, *begun)
    except UnknownShape:
        return False
    return True


def changed(whole: Parts, place: int, change: Callable[[Object], tuple[Object, ...]]) -> Parts:
    before, after = whole.objects[:place], whole.objects[place + 1 :]
    return whole._replace(objects=(*before, *change(whole.objects[place]), *after))


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A draft with one or two things wrong, or none, and mostly a table that hides it."""
    whole = parts()
    for _ in range(draw(st.integers(1, 2))):
        whole = draw(st.sampled_from([_moved, _renamed, _rewritten, _counted]))(draw, whole)
    return whole.joined()


def _moved(draw: st.DrawFn, whole: Parts) -> Parts:
    """Others in its place: another order, one twice, one not at all."""
    objects = list(whole.objects)
    one, other = (draw(st.integers(0, len(objects) - 1)) for _ in range(2))
    how = draw(st.sampled_from(["swap", "twice", "gone"]))
    if how == "swap":
        objects[one], objects[other] = objects[other], objects[one]
    elif how == "twice":
        objects.insert(other, objects[one])
    else:
        del objects[one]
    return whole._replace(objects=tuple(objects))


def _renamed(draw: st.DrawFn, whole: Parts) -> Parts:
    """Another number, a number in another form, or something around it."""
    place = draw(st.integers(0, len(whole.objects) - 1))
    number = draw(st.integers(1, len(whole.objects) + 2))
    head, before, after = (draw(st.sampled_from(some)) for some in (HEADS, AROUND, AROUND))
    changes: dict[str, Callable[[Object], tuple[Object, ...]]] = {
        "number": lambda one: ((number, re.sub(rb"\A\d+", b"%d" % number, one[1])),),
        "head": lambda one: ((one[0], one[1].replace(b" 0 obj\n", head, 1)),),
        "around": lambda one: ((one[0], before + one[1] + after),),
    }
    return changed(whole, place, changes[draw(st.sampled_from(sorted(changes)))])


def _rewritten(draw: st.DrawFn, whole: Parts) -> Parts:
    """Something inside it, or another length."""
    place = draw(st.integers(0, len(whole.objects) - 1))
    text = whole.objects[place][1]
    at = draw(st.integers(0, len(text)))
    inside, length = draw(st.sampled_from(INSIDE)), draw(st.sampled_from(LENGTHS))
    new = draw(
        st.sampled_from([text[:at] + inside + text[at:], text.replace(b"/Length ", length, 1)])
    )
    return changed(whole, place, lambda one: ((one[0], new),))


def _counted(draw: st.DrawFn, whole: Parts) -> Parts:
    """The table, the trailer, or both tell of another number of objects."""
    size = max(0, whole.rows + draw(st.sampled_from([-30, -1, 1, 2, 1000])))
    in_trailer = whole._replace(trailer=re.sub(rb"/Size \d+", b"/Size %d" % size, whole.trailer))
    in_table = whole._replace(rows=size)
    return draw(st.sampled_from([in_trailer, in_table, in_trailer._replace(rows=size)]))


def test_the_second_reader_finds_a_draft_sound() -> None:
    assert parts().joined() == draft()
    assert is_sound(draft())
    assert accepted(draft())


@given(mutations())
def test_what_is_accepted_is_sound(pdf: bytes) -> None:
    """pdf.md 3.3, 3.7.3: and it makes no difference whether its beginning is known."""
    assert accepted(pdf) == accepted(pdf, *BEGINNINGS)
    assert is_sound(pdf) or not accepted(pdf)


@pytest.mark.parametrize("more", [-30, -1, 1, 1000])
def test_a_trailer_that_counts_other_objects_is_foreign(more: int) -> None:
    """ISO 32000-1, 7.5.5: a seal takes its numbers from there on, and must take nobody else's."""
    whole, size = parts(), parts().rows + more
    told = re.sub(rb"/Size \d+", b"/Size %d" % size, whole.trailer)

    assert not accepted(whole._replace(trailer=told, rows=size).joined())


@pytest.mark.parametrize("zeros", [b"0", b"000"])
def test_a_number_in_another_form_is_foreign(zeros: bytes) -> None:
    """Our renderer writes each number in one way."""
    whole = changed(parts(), len(parts().objects) - 1, lambda one: ((one[0], zeros + one[1]),))

    assert not accepted(whole.joined())


@pytest.mark.parametrize(
    "hidden",
    [b"38 0 obj\n<</Type/Catalog>>", b"38 1 obj<<>>", b"38 0\0obj", b"38 0obj", b"38 %x\n0 obj"],
)
def test_an_object_that_begins_in_another_one_is_foreign(hidden: bytes) -> None:
    """pdf.md 3.3: who repairs a file takes it for the newer one, and it needs no end of its own."""
    place = next(at for at, (_, text) in enumerate(parts().objects) if b"stream" not in text)
    longer = changed(
        parts(),
        place,
        lambda one: ((one[0], one[1].replace(b"\nendobj", b"\n%b\nendobj" % hidden)),),
    )

    assert not accepted(longer.joined())


def test_words_that_only_look_like_one_are_words() -> None:
    place = next(at for at, (_, text) in enumerate(parts().objects) if b"stream" not in text)
    said = b"(3 objects, object 3 0 and the objective)"
    longer = changed(
        parts(), place, lambda one: ((one[0], one[1].replace(b"\nendobj", b"%b\nendobj" % said)),)
    )

    assert accepted(longer.joined())
