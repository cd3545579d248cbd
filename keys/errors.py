"""What can go wrong with keys, told in one closed family.

KeysError
├── KeyUnavailable        custody cannot reach or use the key now
├── KeyRefused            this custody may not be used here (file keys in production)
├── FolderOccupied        the folder for a new hierarchy holds something else
├── UnknownKey            no key by that name
├── StateRefused          a key cannot go from its state to the one asked for
├── TrustListInvalid      the published list is not ours, or was changed
├── TimestampUnavailable  the time-stamping authority refused, or answered wrongly
├── RevocationUnavailable no fresh word on whether our certificates are revoked
├── CeremonyInvalid       the plan of a ceremony cannot be understood
├── CeremonyRefused       a ceremony may not be held: approvals, day, or what it asks for
└── TranscriptInvalid     the account of a ceremony is not ours, or was changed

`public` is for everybody and fixed per class, so it can be translated. `reason` is
for the operator (command line, log): it says what to do and never repeats key material.
"""

from __future__ import annotations

from typing import ClassVar


class KeysError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "keys-error"
    status: ClassVar[int] = 500
    public: ClassVar[str] = "Something is wrong with the keys of this service."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUnavailable(KeysError):
    """Custody cannot reach or use the key now, so nothing was signed."""

    kind = "key-unavailable"
    status = 503
    public = "We cannot seal documents right now. Nothing is lost. Please try again later."


class KeyRefused(KeysError):
    """This kind of custody may not be used here, so the process does not start with it."""

    kind = "key-refused"
    status = 500
    public = "This service is not set up to seal documents."


class FolderOccupied(KeysError):
    """The folder for a new hierarchy holds something else, so it was left as it is."""

    kind = "key-folder-occupied"
    status = 409
    public = "The folder for the keys already holds something else."


class UnknownKey(KeysError):
    """No key of this hierarchy has that name."""

    kind = "unknown-key"
    status = 404
    public = "There is no key with that name."


class StateRefused(KeysError):
    """A key cannot go from its present state to the one asked for; nothing changed."""

    kind = "key-state-refused"
    status = 409
    public = "This key cannot change to that state."


class TrustListInvalid(KeysError):
    """The trust list is not signed by us, was changed, or is not a trust list at all."""

    kind = "trust-list-invalid"
    status = 400
    public = "This list of trusted keys is not genuine or is damaged. Fetch it again."


class TimestampUnavailable(KeysError):
    """The time-stamping authority refused or answered wrongly, so nothing was issued."""

    kind = "timestamp-unavailable"
    status = 503
    public = "We cannot get a time-stamp right now. Nothing was issued. Please try again later."


class RevocationUnavailable(KeysError):
    """There is no fresh word on whether our certificates are revoked, so nothing was issued."""

    kind = "revocation-unavailable"
    status = 503
    public = (
        "We cannot prove right now that our keys are still good. "
        "Nothing was issued. Please try again later."
    )


class CeremonyInvalid(KeysError):
    """The plan of a ceremony says something that is not understood; nothing was done."""

    kind = "ceremony-invalid"
    status = 400
    public = "The plan of this key ceremony has a mistake. Nothing was done."


class CeremonyRefused(KeysError):
    """The ceremony may not be held, or not like this; nothing was done."""

    kind = "ceremony-refused"
    status = 409
    public = "This key ceremony cannot be held like this. Nothing was done."


class TranscriptInvalid(KeysError):
    """The account of a ceremony is not signed by us, was changed, or is not one at all."""

    kind = "transcript-invalid"
    status = 400
    public = "This account of a key ceremony is not genuine or is damaged."
