"""pyHanko's validation by ETSI EN 319 102-1, offline, as an independent judge of levels.

It is our reference library too, but this road through it (AdES, evidence records, time
sliding) is one that neither our sealer nor our verifier ever takes.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed, AdESSubIndic
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from credentials.sealing import Level

_Validation = Callable[..., Awaitable[Any]]
_NOT_ASKED = RevocationCheckingRule.NO_CHECK
_REQUIRED = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
_OFFLINE = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges files by one root, at one moment."""

    root: bytes
    """The only certificate that is trusted, in DER."""
    at: datetime
    lists: tuple[bytes, ...] = ()
    """Revocation lists that the world knows by then, in DER, beside those in the file."""
    responses: tuple[bytes, ...] = ()
    """And OCSP responses."""

    def level(self, document: bytes) -> Level | None:
        """The highest baseline level of which all requirements hold; None if the seal does not."""
        tests = (
            (Level.B_B, self._basic),
            (Level.B_T, self._stamped),
            (Level.B_LT, self._long_term),
            (Level.B_LTA, self._archived),
        )
        found = None
        for level, holds in tests:
            if not holds(document):
                break
            found = level
        return found

    def archival(self, document: bytes) -> AdESSubIndic:
        """The outcome for a file with archive time-stamps (5.6.3), as of that moment."""
        return self._archival(document).ades_subindic

    def _basic(self, document: bytes) -> bool:
        found = self._validated(ades.ades_basic_validation, document, _NOT_ASKED)
        return found.ades_subindic is AdESPassed.OK

    def _stamped(self, document: bytes) -> bool:
        found = self._validated(ades.ades_with_time_validation, document, _NOT_ASKED)
        earlier: bool = found.best_signature_time < self.at
        return earlier and found.ades_subindic is AdESPassed.OK

    def _long_term(self, document: bytes) -> bool:
        """Every certificate of the seal and its time-stamp answered for by what is in the file."""
        found = self._validated(ades.ades_with_time_validation, document, _REQUIRED)
        return found.ades_subindic is AdESPassed.OK

    def _archived(self, document: bytes) -> bool:
        found = self._archival(document)
        covered = found.oldest_evidence_record_timestamp is not None
        return covered and found.ades_subindic is AdESPassed.OK

    def _validated(
        self,
        validation: _Validation,
        document: bytes,
        rule: RevocationCheckingRule,
    ) -> Any:
        seal = _seal(document)
        spec = self._spec(rule)
        known = _knowledge(seal.reader, spec.local_knowledge)
        spec = replace(spec, local_knowledge=known)
        digest = seal.compute_digest()
        return _run(partial(validation, seal.signed_data, spec, self._timing, raw_digest=digest))

    def _archival(self, document: bytes) -> Any:
        spec = PdfSignatureValidationSpec(self._spec(_REQUIRED))
        seal = _seal(document)
        return _run(partial(ades.ades_lta_validation, seal, spec, self._timing))

    @property
    def _timing(self) -> ValidationTimingInfo:
        return ValidationTimingInfo(
            validation_time=self.at, best_signature_time=self.at, point_in_time_validation=False
        )

    def _spec(self, rule: RevocationCheckingRule) -> SignatureValidationSpec:
        trust = SimpleTrustManager.build([x509.Certificate.load(self.root)])
        policy = CertRevTrustPolicy(RevocationCheckingPolicy(rule, rule))
        certificates = CertValidationPolicySpec(trust_manager=trust, revinfo_policy=policy)
        lists = [CRLContainer(crl.CertificateList.load(one)) for one in self.lists]
        return SignatureValidationSpec(
            certificates,
            revinfo_gathering_policy=_OFFLINE,
            local_knowledge=LocalKnowledge(
                known_crls=lists,
                known_ocsps=_responses(map(ocsp.OCSPResponse.load, self.responses)),
            ),
        )


def _run(validation: Callable[[], Awaitable[Any]]) -> Any:
    async def judged() -> Any:
        return await validation()

    return asyncio.run(judged())


def _seal(document: bytes) -> Any:
    (seal,) = PdfFileReader(io.BytesIO(document)).embedded_regular_signatures
    return seal


def _knowledge(reader: PdfFileReader, known: LocalKnowledge) -> LocalKnowledge:
    """What is known already and what the file says of revocation; nobody is asked."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return known
    responses = _responses(ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps)
    lists = [crl.CertificateList.load(one.get_object().data) for one in store.crls]
    return LocalKnowledge(
        known_ocsps=[*known.known_ocsps, *responses],
        known_crls=[*known.known_crls, *(CRLContainer(one) for one in lists)],
        known_certs=list(store.load_certs()),
    )


def _responses(loaded: Iterable[ocsp.OCSPResponse]) -> list[OCSPContainer]:
    return [one for each in loaded for one in OCSPContainer.load_multi(each)]
