"""Append to the register in batches: plain inserts of dictionaries, no object per row.

An import is one writer at a time: SQLite's write lock sees to that, and an advisory
lock does on PostgreSQL. So what a batch was told is known stays true until it commits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, delete, insert, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import SQLModel, col

from register.changes import (
    Changes,
    Known,
    KnownAward,
    KnownProgramme,
    NewAward,
    NewNumber,
    Progress,
    Refusal,
    Stamp,
    Wanted,
)
from register.errors import RegisterUnavailable
from register.lines import RESULTS, InstitutionLine, PersonLine, ProgrammeLine
from register.national_numbers import NumberKind
from register.records import AwardStatus, Sector
from register.rows import (
    NAMES,
    TITLES,
    ZONED,
    AwardVersionRow,
    IdentityNumberRow,
    ImportRefusalRow,
    ImportSourceRow,
    InstitutionVersionRow,
    PersonVersionRow,
    ProgrammeVersionRow,
)
from register.store import reading
from register.vault import Vault
from storage.engine import unit_of_work
from storage.errors import StorageUnavailable

# SQLite takes at most 32,766 parameters in a statement, PostgreSQL 65,535.
PARAMETERS = 5_000
# Ids are random, so every batch touches pages all over the index: keep 32 MB of them at hand,
# and copy the log back every 16 MB instead of after each batch.
_ROOM_FOR_AN_IMPORT = ("PRAGMA cache_size=-32768", "PRAGMA wal_autocheckpoint=4000")
_T = TypeVar("_T")
_ONE_IMPORT_AT_A_TIME = text("SELECT pg_advisory_xact_lock(4837264918)")

A_DAY = timedelta(days=1)
"""Somewhere it is tomorrow already."""


class SqlWriter:
    """Opens the transactions of an import. `clock` gives an aware time in UTC."""

    def __init__(self, engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock

    def begin(self, fingerprint: str) -> Progress:
        """Where the import of a file with this fingerprint stands; a new file starts at zero.

        Raises:
            RegisterUnavailable: the database is locked, full or gone.
        """
        with self._writing() as connection:
            same = col(ImportSourceRow.fingerprint) == fingerprint
            row = connection.execute(select(ImportSourceRow).where(same)).one_or_none()
            if row is not None:
                return _progress_of(row)
            new = {"fingerprint": fingerprint, "begun_at": self._clock()}
            made = connection.execute(insert(ImportSourceRow).values(**new)).inserted_primary_key
            return Progress(source=int(made[0] if made else 0))

    @contextmanager
    def unit(self) -> Iterator[SqlWritingUnit]:
        """Open a transaction that commits when the block ends well.

        Raises:
            RegisterUnavailable: the database is locked, full or gone; nothing was half kept.
        """
        with self._writing() as connection:
            yield SqlWritingUnit(connection, self._vault, self._clock())

    def refusals(self, source: int) -> Iterator[Refusal]:
        """The lines of a source that stand refused, in the order of the file."""
        last = 0
        while True:
            with reading(self._engine) as session:
                page = session.connection().execute(_refusals_after(source, last)).all()
            if not page:
                return
            yield from (Refusal(row.line, row.rule, row.place) for row in page)
            last = page[-1].line

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with unit_of_work(self._engine, writes=True) as session:
                connection = session.connection()
                _prepare(connection)
                yield connection
        except StorageUnavailable as cause:
            raise RegisterUnavailable(
                "The register cannot be written right now. What was kept before stays."
            ) from cause


class SqlWritingUnit:
    """One transaction of an import."""

    def __init__(self, connection: Connection, vault: Vault, now: datetime) -> None:
        self._connection = connection
        self._vault = vault
        bind = ZONED.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        self._recorded_at = bind(now) if bind else now
        self._latest = (now + A_DAY).date().isoformat()
        self._lookups: dict[tuple[NumberKind, str], bytes] = {}

    def known(self, wanted: Wanted) -> Known:
        """What the register holds today of everything a batch mentions."""
        known = Known(latest=self._latest)
        known.institutions = {
            row.code: _stamp_of(row)
            for row in self._newest(InstitutionVersionRow, "code", wanted.institutions)
        }
        known.programmes = {
            row.code: KnownProgramme(_stamp_of(row), Sector(row.sector))
            for row in self._newest(ProgrammeVersionRow, "code", wanted.programmes, "sector")
        }
        known.people = {
            row.person_id: _stamp_of(row)
            for row in self._newest(PersonVersionRow, "person_id", wanted.people)
        }
        extra = ("person_id", "status")
        known.awards = {
            row.award_id: KnownAward(_stamp_of(row), row.person_id, AwardStatus(row.status))
            for row in self._newest(AwardVersionRow, "award_id", wanted.awards, *extra)
        }
        known.owners = self._owners(wanted.numbers)
        known.numbered = self._numbered(known.people)
        return known

    def _newest(
        self, table: type[SQLModel], key: str, keys: Collection[str], *extra: str
    ) -> Iterator[Row[Any]]:
        """Versions in rising order, so that a dictionary of them ends with the newest."""
        names = (key, "version", "digest", "source", "line", *extra)
        columns = [_column(table, name) for name in names]
        query = select(*columns).order_by(_column(table, "version"))
        for chunk in _chunks(keys):
            yield from self._connection.execute(query.where(_column(table, key).in_(chunk)))

    def _owners(self, numbers: Collection[tuple[NumberKind, str]]) -> dict[Any, str]:
        self._lookups |= {pair: self._vault.lookup(*pair) for pair in numbers}
        kind, lookup = col(IdentityNumberRow.kind), col(IdentityNumberRow.lookup)
        query = select(lookup, col(IdentityNumberRow.person_id))
        found: dict[bytes, str] = {}
        for each in NumberKind:
            hashes = [self._lookups[pair] for pair in numbers if pair[0] is each]
            for chunk in _chunks(hashes):
                rows = self._connection.execute(query.where(kind == each.value, lookup.in_(chunk)))
                found |= {row.lookup: row.person_id for row in rows}
        pairs = {pair: self._lookups[pair] for pair in numbers}
        return {pair: found[hash_] for pair, hash_ in pairs.items() if hash_ in found}

    def _numbered(self, people: Collection[str]) -> set[tuple[str, NumberKind]]:
        person = col(IdentityNumberRow.person_id)
        query = select(person, col(IdentityNumberRow.kind))
        return {
            (row.person_id, NumberKind(row.kind))
            for chunk in _chunks(people)
            for row in self._connection.execute(query.where(person.in_(chunk)))
        }

    def keep(self, changes: Changes) -> None:
        """Append new versions; what was there stays as it was."""
        self._insert(
            InstitutionVersionRow, [_institution_row(*each) for each in changes.institutions]
        )
        self._insert(ProgrammeVersionRow, [_programme_row(*each) for each in changes.programmes])
        self._insert(PersonVersionRow, [_person_row(*each) for each in changes.people])
        self._insert(IdentityNumberRow, [self._number_row(each) for each in changes.numbers])
        self._insert(AwardVersionRow, [_award_row(each) for each in changes.awards])
        self._insert(AwardVersionRow, list(self._withdrawn_rows(changes)))

    def _insert(self, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
        """Hand rows to the driver as they are: all of SQLAlchemy's work is done once, not per row.

        That halves the time of an import. It is right because every value is text, bytes, a
        number or a truth value already; the one date is converted by its column's own type.
        """
        if not rows:
            return
        names = [*rows[0], "recorded_at"]
        compiled = insert(table).compile(dialect=self._connection.dialect, column_keys=names)
        for row in rows:
            row["recorded_at"] = self._recorded_at
        order = compiled.positiontup
        many = [tuple(row[name] for name in order) for row in rows] if order else rows
        self._connection.exec_driver_sql(str(compiled), many)

    def _number_row(self, new: NewNumber) -> dict[str, Any]:
        return {
            "kind": new.kind.value,
            "lookup": self._lookups.get((new.kind, new.number))
            or self._vault.lookup(new.kind, new.number),
            "person_id": new.person_id,
            "sealed": self._vault.seal(new.person_id, new.kind, new.number),
        }

    def _withdrawn_rows(self, changes: Changes) -> Iterator[dict[str, Any]]:
        """The newest version of each withdrawn award again, now with another status."""
        withdrawals = {each.award_id: each for each in changes.withdrawals}
        award_id, version = col(AwardVersionRow.award_id), col(AwardVersionRow.version)
        for chunk in _chunks(withdrawals):
            query = select(AwardVersionRow).where(award_id.in_(chunk)).order_by(version)
            newest = {row.award_id: row for row in self._connection.execute(query)}
            for row in newest.values():
                new = withdrawals[row.award_id]
                status = {"status": AwardStatus.WITHDRAWN.value, "reason": new.reason}
                yield {**row._mapping, **status, **asdict(new.stamp)}  # noqa: SLF001 - Row's API

    def refuse(self, source: int, refusals: Collection[Refusal], accepted: set[int]) -> None:
        """Remember refused lines of a source and forget those that were accepted after all."""
        line = col(ImportRefusalRow.line)
        ours = delete(ImportRefusalRow).where(col(ImportRefusalRow.source) == source)
        for chunk in _chunks(accepted | {each.line for each in refusals}):
            self._connection.execute(ours.where(line.in_(chunk)))
        rows = [
            {"source": source, "line": each.line, "rule": each.rule, "place": each.where}
            for each in refusals
        ]
        if rows:
            self._connection.execute(insert(ImportRefusalRow), rows)

    def advance(self, before: Progress, after: Progress) -> None:
        """Move an import from one place to the next.

        Raises:
            RegisterUnavailable: another import of the same file moved it meanwhile.
        """
        values = asdict(after)
        del values["source"]
        unmoved = (
            col(ImportSourceRow.id) == before.source,
            col(ImportSourceRow.line) == before.line,
            col(ImportSourceRow.kept) == before.kept,
        )
        moved = self._connection.execute(update(ImportSourceRow).where(*unmoved).values(**values))
        if moved.rowcount != 1:
            raise RegisterUnavailable("This file is being imported by another process.")


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_IMPORT_AT_A_TIME)
        return
    for pragma in _ROOM_FOR_AN_IMPORT:
        connection.exec_driver_sql(pragma)


def _chunks(keys: Collection[_T]) -> Iterator[list[_T]]:
    listed = list(keys)
    for start in range(0, len(listed), PARAMETERS):
        yield listed[start : start + PARAMETERS]


def _column(table: type[SQLModel], name: str) -> InstrumentedAttribute[Any]:
    column: InstrumentedAttribute[Any] = getattr(table, name)
    return column


def _stamp_of(row: Row[Any]) -> Stamp:
    return Stamp(row.version, row.digest, row.source, row.line)


def _progress_of(row: Row[Any]) -> Progress:
    return Progress(
        source=row.id,
        line=row.line,
        offset=row.offset,
        kept=row.kept,
        unchanged=row.unchanged,
        refused=row.refused,
        awards=row.awards,
        done=row.done,
    )


def _refusals_after(source: int, last: int) -> Select[int, str, str]:
    line = col(ImportRefusalRow.line)
    columns = select(line, col(ImportRefusalRow.rule), col(ImportRefusalRow.place))
    ours = columns.where(col(ImportRefusalRow.source) == source, line > last)
    return ours.order_by(line).limit(PARAMETERS)


def _stamped(stamp: Stamp) -> dict[str, Any]:
    return {
        "version": stamp.version,
        "digest": stamp.digest,
        "source": stamp.source,
        "line": stamp.line,
    }


def _json(text_: bytes) -> str:
    return text_.decode("utf-8")


def _institution_row(line: InstitutionLine, stamp: Stamp) -> dict[str, Any]:
    return {
        "code": line.code,
        "scheme": line.scheme,
        "country": line.country,
        "names": _json(NAMES.dump_json(line.names)),
        "successor": line.successor,
        **_stamped(stamp),
    }


def _programme_row(line: ProgrammeLine, stamp: Stamp) -> dict[str, Any]:
    return {
        "code": line.code,
        "scheme": line.scheme,
        "sector": line.sector,
        "title": _json(TITLES.dump_json(line.title)),
        "nlqf": line.nlqf,
        "eqf": line.eqf,
        **_stamped(stamp),
    }


def _person_row(line: PersonLine, stamp: Stamp) -> dict[str, Any]:
    name = line.name
    return {
        "person_id": line.person,
        "surname": name.surname,
        "given": name.given,
        "prefix": name.prefix,
        "title": name.title,
        "gender": name.gender,
        "birth": line.birth,
        "birth_place": line.birth_place,
        "birth_country": line.birth_country,
        **_stamped(stamp),
    }


def _award_row(new: NewAward) -> dict[str, Any]:
    part = new.part
    return {
        "award_id": part.award,
        "person_id": new.person_id,
        "institution": part.institution,
        "programme": part.programme,
        "sector": new.sector.value,
        "awarded": part.awarded,
        "result": part.result,
        "degree": part.degree,
        "profile": _json(TITLES.dump_json(part.profile)) if part.profile else None,
        "thesis": part.thesis,
        "partial": part.partial,
        "results": _json(RESULTS.dump_json(part.results, by_alias=True, exclude_defaults=True)),
        "status": new.status.value,
        "reason": None,
        **_stamped(new.stamp),
    }
