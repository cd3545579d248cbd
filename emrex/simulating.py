"""A client and its holder in one: a whole transfer over HTTP, for people and for tests.

It does what a browser without scripts does: it reads the forms of our pages and sends them
back. What it gets at the end it checks as a careful client would (emrex.md 2.2).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from httpx2 import Client, Response
from lxml import html

from emrex.errors import AnswerRefused
from emrex.exchange.request import INIT
from emrex.receiving.answer import FORM, answer_of
from emrex.simulator.faults import returned, sending
from emrex.simulator.judging import Judged, judged, mark_of
from emrex.validating.report import GOOD

RETURN_URL = "http://localhost/emrex/back"
"""Where the answer would go; nobody has to listen there, for the form is read and not sent."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes and what it holds."""

    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transfer ended, as the client sees it."""

    code: str
    """The return code; `STOPPED` with a status where a page was not what was expected."""
    signature: str = ""
    """And why it is worth no more; or why nobody looked at the document."""
    findings: int = 0
    document: bytes = field(default=b"", repr=False)
    seconds: Mapping[str, float] = field(default_factory=dict)
    """By step."""


class Simulation:
    """One transfer, step by step."""

    def __init__(
        self,
        browser: Client,
        address: str,
        clock: Callable[[], datetime],
        *,
        return_url: str = RETURN_URL,
    ) -> None:
        self._browser = browser
        self._address = address
        self._return_url = return_url
        self._clock = clock
        self.session_id = secrets.token_urlsafe(16)
        self._fault = ""
        self.seconds: dict[str, float] = {}

    def run(
        self, choice: str, certificates: Sequence[bytes], *, fault: str = "", **wishes: str
    ) -> Outcome:
        """The whole way: begin, log in, choose everything, say yes, and read the answer.

        With a fault of `emrex.simulator.faults`, the client or the way back has it.
        """
        self._fault = fault
        page = self._timed("start", lambda: self.begin(**wishes))
        steps: dict[str, Callable[[Response], Response]] = {
            "login": lambda at: self.send(at, "/login", choice=choice),
            "selection": lambda at: self._everything(at, "/selection"),
            "consent": lambda at: self._everything(at, "/consent"),
        }
        for name, take in steps.items():
            if _has_form(page, f"/{name}"):
                page = self._timed(name, partial(take, page))
        return self.judged(page, certificates)

    def begin(self, **wishes: str) -> Response:
        """What a client's form starts."""
        sent = sending({"sessionId": self.session_id, "fault": self._fault}, self._return_url, "en")
        # We are still there when the answer comes, so nothing has to stand in the address.
        known = [(name, value.removesuffix(sent.query)) for name, value in sent.fields]
        fields = [one for one in known if one[0] not in wishes] + list(wishes.items())
        self._return_url = dict(fields).get("returnUrl", self._return_url)
        headers, address = {"Sec-Fetch-Site": "cross-site"}, self._address + INIT
        if sent.kind != FORM:
            files = [(name, (None, value)) for name, value in fields]
            return self._browser.post(address, files=files, headers=headers)
        headers["Content-Type"] = FORM
        return self._browser.post(address, content=urlencode(fields), headers=headers)

    def send(self, page: Response, action: str, **filled: str | Sequence[str]) -> Response:
        """Fill in the form of the page that goes to this action, and send it."""
        form = form_of(page.text, action)
        data = {**form.fields, **filled}
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self._browser.post(self._address + form.action, data=data, headers=headers)

    def judged(self, page: Response, certificates: Sequence[bytes]) -> Outcome:
        """What a careful client makes of the form that comes back."""
        try:
            told = form_of(page.text, self._return_url).fields
        except LookupError:
            return Outcome(f"STOPPED {page.status_code}", seconds=self.seconds)
        try:
            answer = answer_of(tuple(told.items()))
        except AnswerRefused:
            return Outcome("OTHER_SESSION", seconds=self.seconds)
        bent, waiting = returned(answer, self._fault, mark_of(self.session_id))
        return self._told(judged(bent, waiting, certificates, self._clock))

    def _told(self, found: Judged) -> Outcome:
        code = "OTHER_SESSION" if found.reason == "other-session" else found.answer.said
        worth = found.report
        if worth is None:
            return Outcome(code, found.reason, seconds=self.seconds)
        says = f"{worth.signature} {worth.reason}".strip()
        return Outcome(code, says, len(worth.findings), found.document, self.seconds)

    def _everything(self, page: Response, action: str) -> Response:
        """Every box that can be ticked, ticked."""
        return self.send(page, action, **boxes(page.text, action))

    def _timed(self, step: str, take: Callable[[], Response]) -> Response:
        start = time.perf_counter()
        page = take()
        self.seconds[step] = round(time.perf_counter() - start, 3)
        return page


def _has_form(page: Response, action: str) -> bool:
    """Whether the page is the one on which that step is taken."""
    try:
        form_of(page.text, action)
    except LookupError:
        return False
    return True


def form_of(text: str, action: str) -> Form:
    """The first form whose action ends so, with its hidden fields.

    Raises:
        LookupError: the page has no such form.
    """
    form = next(_forms(text, action), None)
    if form is None:
        raise LookupError(action)
    hidden = form.xpath(".//input[@type='hidden']")
    return Form(
        str(form.get("action")), {str(one.get("name")): one.get("value", "") for one in hidden}
    )


def boxes(text: str, action: str) -> dict[str, list[str]]:
    """The values of every box of that form which can be ticked, by name."""
    found: dict[str, list[str]] = {}
    for form in _forms(text, action):
        for one in form.xpath(".//input[@type='checkbox' and not(@disabled)]"):
            found.setdefault(str(one.get("name")), []).append(str(one.get("value")))
    return found


def _forms(text: str, action: str) -> Iterator[html.HtmlElement]:
    """The forms of a page whose action ends so."""
    for form in html.document_fromstring(text or "<html/>").iter("form"):
        if str(form.get("action", "")).endswith(action):
            yield form


def is_good(outcome: Outcome) -> bool:
    """Whether the client got a document that is worth something."""
    return outcome.code.endswith("_OK") and outcome.signature.split(" ")[0] in GOOD
