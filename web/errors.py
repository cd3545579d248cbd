"""What can go wrong in the shell, told in one closed family.

WebError
├── InvalidInput        what was sent cannot be read; every fault in one answer
├── NotFound            no page and no resource at this address
├── MethodNotAllowed    the address exists, this method does not
├── BodyTooLarge        more bytes than this address takes
├── CrossSiteRefused    another site tried to act for the visitor
├── FormExpired         the form was opened in a session that has ended
├── LoginRequired       a page of one person, and nobody is logged in
├── LoginRefused        the answer of the login service is not one we can trust
├── LoginCancelled      the person stopped at the login service
├── LevelTooLow         logged in, with less certainty than these pages need
├── NotInRegister       logged in, and the register has no diplomas of this person
├── SessionsUnavailable the store of sessions cannot be reached
├── LoginUnavailable    the login service does not answer
├── TooManyRequests     one client asked more often than is fair
├── WorkNeeded          the house is full: a check costs some work of the asking computer
├── PartClosed          an operator closed this part of the site for now
├── NoSuchSwitch        no part of the site has this name
└── InternalFault       our own fault; the number of the request finds it in the log
"""

from __future__ import annotations

from typing import ClassVar


class WebError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "web-error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class InvalidInput(WebError):
    """What was sent cannot be read. `faults` names places and reasons, never values."""

    kind = "invalid-input"
    status = 400
    title = "We cannot read what you sent"
    advice = "Go back, correct what is marked and send it again."

    def __init__(self, faults: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__("Something in what you sent is missing or has the wrong form.")
        self.faults = faults


class NotFound(WebError):
    """No page and no resource at this address."""

    kind = "not-found"
    status = 404
    title = "This page does not exist"
    advice = "Check the address, or go to the start page."

    def __init__(self) -> None:
        super().__init__("We have no page at this address.")


class MethodNotAllowed(WebError):
    """The address exists, this method does not. `allowed` goes into the Allow header."""

    kind = "method-not-allowed"
    status = 405
    title = "That cannot be done here"
    advice = "Open the page from the menu and try again."

    def __init__(self, allowed: str = "") -> None:
        super().__init__("This address does not take that kind of request.")
        self.headers = {"Allow": allowed} if allowed else {}


class BodyTooLarge(WebError):
    """More bytes than this address takes; nothing of it was read or kept."""

    kind = "body-too-large"
    status = 413
    title = "The file is too large"
    advice = "Choose a file of 10 MB at most."

    def __init__(self) -> None:
        super().__init__("You sent more than this page takes. We have read and kept nothing.")
        self.headers = {"Connection": "close"}


class CrossSiteRefused(WebError):
    """Another site tried to act for the visitor."""

    kind = "cross-site-refused"
    status = 403
    title = "This request came from another website"
    advice = "Go to our start page yourself and try again there."

    def __init__(self) -> None:
        super().__init__("We do nothing that another website asks for you.")


class FormExpired(WebError):
    """The form was opened in a session that has ended since."""

    kind = "form-expired"
    status = 403
    title = "This form is no longer valid"
    advice = "Open the page again and fill in the form once more."

    def __init__(self) -> None:
        super().__init__("The page was open too long, or you logged in or out in the meantime.")


class LoginRequired(WebError):
    """A page of one person, and nobody is logged in. Pages answer by asking for it."""

    kind = "login-required"
    status = 401
    title = "Please log in first"
    advice = "Log in and open the page again."

    def __init__(self) -> None:
        super().__init__("This page shows personal data, so you have to be logged in.")


class LoginRefused(WebError):
    """The answer of the login service is not one we can trust; nobody was logged in."""

    kind = "login-refused"
    status = 400
    title = "Logging in did not work"
    advice = "Start again from the login page. An old or copied link does not work."

    def __init__(self) -> None:
        super().__init__("The answer of the login service did not fit. You are not logged in.")


class LoginCancelled(WebError):
    """The person stopped at the login service."""

    kind = "login-cancelled"
    status = 400
    title = "You stopped logging in"
    advice = "Start again whenever you like. Nothing was changed."

    def __init__(self) -> None:
        super().__init__("You are not logged in.")


class LevelTooLow(WebError):
    """Logged in, with less certainty about who it is than these pages need."""

    kind = "login-level-too-low"
    status = 403
    title = "Please log in with more certainty"
    advice = (
        "Log in again with an app or card that has checked your identity document. "
        "The login service explains how to switch that on."
    )

    def __init__(self) -> None:
        super().__init__("Diplomas need a login at level substantial or high.")


class NotInRegister(WebError):
    """Logged in, and the register has no diplomas of this person. Says nothing about them."""

    kind = "not-in-register"
    status = 404
    title = "You are not in this register yet"
    advice = (
        "Ask your school for your diploma. The register has higher education from 1996, "
        "secondary education from 2006 and vocational education from 2007. "
        "A new diploma often appears after a few weeks."
    )

    def __init__(self) -> None:
        super().__init__("We found no diplomas in your name. That says nothing about your diploma.")


class SessionsUnavailable(WebError):
    """The store of sessions cannot be reached, so nobody can be logged in for now."""

    kind = "sessions-unavailable"
    status = 503
    title = "Logging in is not possible right now"
    advice = "Try again in ten minutes. Checking a diploma works without logging in."

    def __init__(self) -> None:
        super().__init__("We cannot see who is logged in at the moment.")


class LoginUnavailable(WebError):
    """The login service does not answer, or not with what we can use."""

    kind = "login-unavailable"
    status = 503
    title = "Logging in is not possible right now"
    advice = "Try again in ten minutes. Checking a diploma works without logging in."

    def __init__(self) -> None:
        super().__init__("The login service does not answer at the moment.")


class TooManyRequests(WebError):
    """One client asked more often than is fair to the others."""

    kind = "too-many-requests"
    status = 429
    title = "That was a lot at once"
    advice = (
        "Wait a minute and try again. To check many documents, use our interface for employers."
    )

    def __init__(self, seconds: int) -> None:
        super().__init__("You asked for more than we can do for one visitor at a time.")
        self.headers = {"Retry-After": str(max(1, seconds))}


class WorkNeeded(WebError):
    """The house is full: a check costs some work of the asking computer."""

    kind = "work-needed"
    status = 429
    title = "It is very busy right now"
    advice = "Try again in a minute. With JavaScript switched on you are helped sooner."

    def __init__(self, challenge: str) -> None:
        super().__init__("Very many people are checking diplomas. Yours was not looked at yet.")
        self.headers = {"Echt-Challenge": challenge}


class PartClosed(WebError):
    """An operator closed this part of the site for now."""

    kind = "part-closed"
    status = 503
    title = "This is closed for a while"
    advice = "Try again later today. Checking without us still works: see Check without us."

    def __init__(self) -> None:
        super().__init__("We have closed this part of the site for now. Nothing of yours is lost.")


class NoSuchSwitch(WebError):
    """No part of the site has this name; only an operator can see this."""

    kind = "no-such-switch"
    status = 400
    title = "There is no such switch"
    advice = "Ask for the list of switches."


class InternalFault(WebError):
    """Our own fault. Says nothing about the cause; the number finds it in the log."""

    kind = "internal-fault"
    status = 500
    title = "Something went wrong on our side"
    advice = "Try again in ten minutes."

    def __init__(self) -> None:
        super().__init__("This is our fault, not yours. Nothing of yours is lost.")
