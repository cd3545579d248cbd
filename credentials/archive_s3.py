"""Sealed documents in an S3-compatible store, of whichever vendor.

A document is one object, so it is there whole or not there. Every upload carries its own
SHA-256, which the store checks before it accepts; a first upload asks the store to refuse
if something is there already. Where a store does not know that condition, it is left out:
numbers are unique in the ledger anyway.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from credentials.archive import NUMBER
from credentials.errors import ArchiveUnavailable, DocumentMissing, SealRejected

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import PutObjectRequestTypeDef

LINES = 8
"""Uploads at the same time: one takes tens of milliseconds, nearly all of it waiting."""
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 20, 3
_ABSENT = {"NoSuchKey", "404", "NotFound"}
_TAKEN = {"PreconditionFailed", "412"}
_UNKNOWN_CONDITION = {"NotImplemented", "501"}
_AWAY = "Documents cannot be stored or fetched right now."
_MISSING = "This document cannot be fetched right now."


class S3Archive:
    """One object per document in a bucket; nothing but the number is in its name."""

    def __init__(
        self, client: S3Client, bucket: str, *, prefix: str = "", replaces: bool = False
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._replaces = replaces

    def put(self, number: str, document: bytes) -> None:
        """Store durably: the store has answered that it has the bytes, and checked them.

        Raises:
            ArchiveUnavailable: the store is full or out of reach; ask again later.
            SealRejected: other bytes are stored under this number, and they stay.
        """
        try:
            self._upload(number, document, only_first=not self._replaces)
        except ClientError as error:
            self._settle(number, document, error)

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        """Store many at the same time; raises as `put`, after every upload has ended."""
        with ThreadPoolExecutor(LINES) as lines:
            ends = [lines.submit(self.put, *document) for document in documents.items()]
        for end in ends:
            end.result()

    def get(self, number: str) -> bytes:
        """The bytes under this number.

        Raises:
            DocumentMissing: nothing is stored under it.
            ArchiveUnavailable: the store is out of reach.
        """
        with _explained():
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=self._key(number))
                return found["Body"].read()
            except ClientError as error:
                if _code(error) in _ABSENT:
                    raise DocumentMissing(_MISSING) from error
                raise

    def discard(self, number: str) -> None:
        """Nothing: a broken-off upload leaves nothing behind."""

    def remove(self, number: str) -> None:
        """Remove the object of an abandoned number; a store that keeps versions hides it.

        Raises:
            ArchiveUnavailable: the store is out of reach, or does not let us remove.
        """
        with _explained():
            self._client.delete_object(Bucket=self._bucket, Key=self._key(number))

    def _settle(self, number: str, document: bytes, error: ClientError) -> None:
        """What a refused upload means: there already, a condition too many, or out of reach."""
        if _code(error) in _TAKEN:
            if self.get(number) != document:
                raise SealRejected(
                    "The seal did not pass our own check. Nothing was handed out."
                ) from error
        elif _code(error) in _UNKNOWN_CONDITION and not self._replaces:
            with _explained():
                self._upload(number, document, only_first=False)
        else:
            raise ArchiveUnavailable(_AWAY) from error

    def _upload(self, number: str, document: bytes, *, only_first: bool) -> None:
        request: PutObjectRequestTypeDef = {
            "Bucket": self._bucket,
            "Key": self._key(number),
            "Body": document,
            "ContentType": "application/pdf",
            "ChecksumSHA256": base64.b64encode(hashlib.sha256(document).digest()).decode(),
        }
        if only_first:
            request["IfNoneMatch"] = "*"  # RFC 9110 13.1.2
        try:
            self._client.put_object(**request)
        except BotoCoreError as error:
            raise ArchiveUnavailable(_AWAY) from error

    def _key(self, number: str) -> str:
        if not NUMBER.fullmatch(number):
            raise DocumentMissing(_MISSING)
        return f"{self._prefix}{number[:2]}/{number}.pdf"


def connect(endpoint: str, region: str) -> S3Client:
    """A client for a store at this address; who we are comes from the usual AWS variables.

    Tries and waiting are bounded; addresses have the bucket in their path, which every
    S3-compatible store understands. Safe to share between threads.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        max_pool_connections=2 * LINES,
        s3={"addressing_style": "path"},
    )
    session = boto3.session.Session()
    return session.client("s3", endpoint_url=endpoint, region_name=region, config=config)


@contextmanager
def _explained() -> Iterator[None]:
    """The library's texts name addresses and may name keys: they stay in the cause."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ArchiveUnavailable(_AWAY) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
