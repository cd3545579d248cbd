"""What one holder sees of the register: the own awards, and never anybody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from credentials.downloading import DRAFT_NUMBER
from credentials.extract import Extract, Language, Purpose
from credentials.issuing import Issued, require_statable
from credentials.ledger import Entry, Ledger
from credentials.status import DocumentStatus, Statuses
from credentials.waiting import Waiting, Wish, WishState
from portal.errors import NotYours, UnknownChoice
from register.ports import Register
from register.records import AwardRecord


@dataclass(frozen=True, slots=True)
class Document:
    """A sealed document that the holder has, and whether it still stands."""

    number: str
    language: Language
    purpose: Purpose
    issued_at: datetime
    status: DocumentStatus
    awards: int = 1
    """How many it states: of several it is an overview, which went along with a transfer."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The use cases behind the holder's pages."""

    register: Register
    waiting: Waiting
    ledger: Ledger
    statuses: Statuses
    clock: Callable[[], datetime]

    def awards(self, person_id: str) -> tuple[AwardRecord, ...]:
        """All awards of this holder, newest first."""
        return self.register.awards_of(person_id)

    def award(self, person_id: str, award_id: str) -> AwardRecord:
        """One award of this holder.

        Raises:
            NotYours: it is somebody else's, or nobody's; the answer is the same.
        """
        for record in self.register.awards_of(person_id):
            if record.award.award_id == award_id:
                return record
        raise NotYours("You have no diploma here. Go back to your diplomas and choose one.")

    def documents(self, person_id: str, award_id: str) -> tuple[Document, ...]:
        """Every document that states this award, newest first."""
        entries = self.ledger.documents_of(person_id)
        return tuple(self._documents(entry for entry in entries if _is_of(entry, award_id)))

    def preview(self, record: AwardRecord, language: Language, purpose: Purpose) -> Extract:
        """What the download would give: a new extract, or the one made before with its number.

        Raises:
            NothingToState: the award is withdrawn.
        """
        require_statable(record)
        draft, made = self.draft(record, language, purpose), self.waiting.downloads.made
        entry = made(record, language, purpose)
        if entry is None:
            return draft
        return replace(draft, number=entry.intent.number, issued_at=entry.intent.intended_at)

    def draft(
        self, record: AwardRecord, language: Language, purpose: Purpose = Purpose.GENERAL
    ) -> Extract:
        """The award in the words of an extract, also where none may be issued."""
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        return Extract(DRAFT_NUMBER, language, purpose, now, record)

    def download(self, record: AwardRecord, language: Language, purpose: Purpose) -> Issued | None:
        """The sealed extract, or None when it is queued; raises as `Waiting.extract`."""
        return self.waiting.extract(record, language, purpose)

    def wishes(self, person_id: str, award_id: str = "") -> tuple[Wish, ...]:
        """What this holder waits for or has not taken note of yet, of one award or of all."""
        found = self.waiting.of_person(person_id)
        return tuple(wish for wish in found if award_id in {"", wish.award_id})

    def take_note(
        self, person_id: str, award_id: str, language: Language, purpose: Purpose
    ) -> None:
        """The holder has read what became of a wish. One that waits stays."""
        for wish in self.wishes(person_id, award_id):
            asked = (wish.language, wish.purpose) == (language, purpose)
            if asked and wish.state is not WishState.WAITING:
                self.waiting.wishes.forget(wish)

    def _documents(self, entries: Iterator[Entry]) -> Iterator[Document]:
        for entry in entries:
            intent = entry.intent
            yield Document(
                number=intent.number,
                language=Language(intent.language),
                purpose=Purpose(intent.purpose),
                issued_at=intent.intended_at,
                status=self.statuses.of_entry(entry),
                awards=len(intent.awards),
            )


def chosen(language: str, purpose: str) -> tuple[Language, Purpose]:
    """The choices of the form, checked.

    Raises:
        UnknownChoice: not a choice that the form offers.
    """
    try:
        return Language(language), Purpose(purpose)
    except ValueError as cause:
        raise UnknownChoice("Choose a language and a purpose from the list.") from cause


def _is_of(entry: Entry, award_id: str) -> bool:
    return any(stated.award_id == award_id for stated in entry.intent.awards)
