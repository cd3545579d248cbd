"""Holding a ceremony: everything that a plan says, or nothing.

    1 read the plan      2 check the day      3 check the approvals
    4 do it in a draft   5 sign the account   6 one rename makes it true   7 hand out

A process that dies before step 6 leaves the keys as they were, and the same plan can be
held again. One that dies after it has only the handing out to do, and does that when the
plan is given to it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from keys import durable, hierarchy, outside_book, publishing, states, trust
from keys.amending import amended
from keys.ceremony.acts import Bench, OpenToken, found, perform
from keys.ceremony.approvals import Approval, collect, signature_file
from keys.ceremony.fields import MAX_SIZE
from keys.ceremony.plan import Hierarchy, Plan, read_plan
from keys.ceremony.telling import shown
from keys.ceremony.transcript import Account, Transcript, read_transcript, write_transcript
from keys.certificates import whole_seconds
from keys.errors import CeremonyRefused, FolderOccupied, KeyUnavailable
from keys.publishing import BUNDLE, LIST
from keys.revocation import LISTS
from keys.roster import Held
from keys.states import KeyBook

TRANSCRIPT, PLAN = "transcript.json", "plan.yaml"
KEYS, TRUST, AUTHORITY = "keys", "trust", "authority"
"""What a new hierarchy's folder holds: for the service, for the world, for the safe."""


@dataclass(frozen=True, slots=True)
class Ceremonies:
    """Ceremonies over one key folder."""

    folder: Path
    public: Path
    """Where the trust list is published."""
    clock: Callable[[], datetime]
    open_token: OpenToken | None = None
    production: bool = False

    def hold(self, plan_file: Path) -> Transcript:
        """Do what an approved plan says.

        Raises:
            CeremonyInvalid: the plan has a mistake.
            CeremonyRefused: the wrong day, too few approvals, or held before.
            KeysError: it cannot be done; nothing was.
        """
        plan, now = read_plan(read_file(plan_file)), whole_seconds(self.clock())
        if isinstance(plan.act, Hierarchy):
            return self._founded(plan, plan.act, plan_file, now)
        return self._amended(plan, plan_file, now)

    def _founded(self, plan: Plan, act: Hierarchy, plan_file: Path, now: datetime) -> Transcript:
        _require_day(plan, now)
        approvals = collect(plan, plan_file, act.approvers)
        place = (plan_file.parent / act.output).absolute()
        try:
            with durable.alone(place.parent):
                _require_free(place)
                with durable.whole(place) as draft:
                    self._found_in(draft, act, Account(plan, approvals, now), plan_file)
        except OSError as cause:
            raise KeyUnavailable(f"The hierarchy cannot be made ({cause.strerror}).") from cause
        return _kept(place / KEYS, plan)

    def _found_in(self, draft: Path, act: Hierarchy, account: Account, plan_file: Path) -> None:
        keys, public, safe = (draft / name for name in (KEYS, TRUST, AUTHORITY))
        for folder in (keys, safe):
            folder.mkdir(mode=durable.OWNER_ONLY)
        public.mkdir()
        bench = self._bench(keys, keys, plan_file, account)
        book = _concluded(found(act, safe, bench), bench, plan_file)
        durable.create(keys / states.FILE, states.encoded(book), mode=durable.PRIVATE)
        _hand_out(bench.outcome, keys, public)

    def _amended(self, plan: Plan, plan_file: Path, now: datetime) -> Transcript:
        with amended(self.folder) as change:
            if not _is_latest(change.book, plan):
                _require_day(plan, now)
                approvals = collect(plan, plan_file, change.book.approvers)
                _require_new(change.book, plan)
                account = Account(plan, approvals, now)
                bench = self._bench(change.draft, self.folder, plan_file, account)
                book = perform(plan.act, change.book, bench)
                change.commit(_concluded(book, bench, plan_file))
            self._hand_out_latest(plan)
        return _kept(self.folder, plan)

    def _bench(self, draft: Path, folder: Path, plan_file: Path, account: Account) -> Bench:
        beside = plan_file.absolute().parent
        return Bench(draft, folder, beside, account, self.open_token, self.production)

    def _hand_out_latest(self, plan: Plan) -> None:
        """Put out what the last ceremony made, unless a newer trust list is out already."""
        outcome, book = outcome_of(self.folder, plan.name), states.load(self.folder)
        self.public.mkdir(parents=True, exist_ok=True)
        listed = trust.read((outcome / LIST).read_bytes(), now=self.clock())
        if listed.serial == book.serial:
            _hand_out(outcome, self.folder, self.public)


def read_file(path: Path) -> bytes:
    """Read a plan or a transcript, at most as much as one can hold.

    Raises:
        KeyUnavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIZE * 16 + 1)
    except OSError as cause:
        raise KeyUnavailable(f"{shown(path.name)} cannot be read ({cause.strerror}).") from cause


def _require_free(place: Path) -> None:
    """A first ceremony never touches a hierarchy that is there."""
    if (place / KEYS / states.FILE).exists():
        raise FolderOccupied(
            f"The first ceremony of {shown(place.name)} was held: its folder holds a hierarchy. To "
            "change that one, hold an announce, switch or compromise plan over its keys folder "
            "(docs/ceremony.md). To make another, say a rehearsal, name another folder as `output` "
            "and have the plan approved."
        )
    hierarchy.refuse_other_content(place)


def _require_day(plan: Plan, now: datetime) -> None:
    if plan.day != now.date():
        raise CeremonyRefused(
            f"The plan is for {plan.day}, and today is {now.date()} (UTC): "
            "have a plan for today approved."
        )


def _require_new(book: KeyBook, plan: Plan) -> None:
    for held in book.ceremonies:
        if plan.sha256 == held.plan_sha256 or plan.name == held.name:
            raise CeremonyRefused(f"The ceremony {held.name} was held before: plan a new one.")


def _is_latest(book: KeyBook, plan: Plan) -> bool:
    return bool(book.ceremonies) and book.ceremonies[-1].plan_sha256 == plan.sha256


def _concluded(book: KeyBook, bench: Bench, plan_file: Path) -> KeyBook:
    """Sign the trust list and the account of what happened, and write it into the key book."""
    account, plan = bench.account, bench.account.plan
    signer = bench.trust_signer(book)
    book = replace(book, serial=book.serial + 1)
    authorities = outside_book.load(bench.folder, bench.draft)
    listed = publishing.list_of(
        book, signer.chain[-1], signer, now=account.now, authorities=authorities
    )
    account.note("trust list signed", serial=book.serial)
    bench.hand_out("trust list", LIST, listed)
    bench.hand_out("certificate bundle", BUNDLE, publishing.bundle_of(book))
    data = write_transcript(account, book, signer)
    _keep_approvals(bench.outcome, plan, account.approvals, plan_file)
    durable.create(bench.outcome / TRANSCRIPT, data, mode=durable.PRIVATE)
    transcript = read_transcript(data, pinned_root=signer.chain[-1])
    held = Held(plan.name, plan.sha256, transcript.sha256)
    return replace(book, ceremonies=(*book.ceremonies, held))


def _keep_approvals(
    outcome: Path, plan: Plan, approvals: tuple[Approval, ...], plan_file: Path
) -> None:
    """The plan and its signatures as files too, so that any tool can check them."""
    durable.create(outcome / PLAN, plan.source, mode=durable.PRIVATE)
    for one in approvals:
        name = signature_file(plan_file.with_name(PLAN), one.approver.id).name
        durable.create(outcome / name, one.signature, mode=durable.PRIVATE)


def _hand_out(outcome: Path, folder: Path, public: Path) -> None:
    for name in LISTS:
        if (outcome / name).exists():
            durable.replace(folder / name, (outcome / name).read_bytes(), mode=durable.PUBLIC)
    for name in (BUNDLE, LIST):
        durable.replace(public / name, (outcome / name).read_bytes(), mode=durable.PUBLIC)


def outcome_of(folder: Path, name: str) -> Path:
    """Where a key folder keeps all that came out of a ceremony."""
    return folder / "ceremonies" / name


def _kept(folder: Path, plan: Plan) -> Transcript:
    data = read_file(outcome_of(folder, plan.name) / TRANSCRIPT)
    return read_transcript(data, pinned_root=hierarchy.root_of(folder))
