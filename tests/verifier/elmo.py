"""ELMO documents, signed by xmlsec1: what we accept is judged by a program that is not ours."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from keys import certificates, making, publishing
from keys.amending import amended
from keys.certificates import Profile
from keys.files import FileCustody
from keys.making import Terms, load_authority
from keys.trust import KeyState
from tests import judges
from tests.verifier.sealed import NOW, World, make_world, publish

EMREX = Profile("emrex", "rsa3072", "RS256", certificates.rsa3072)
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = f"{DS}sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA1 = f"{DS}rsa-sha1"
ENVELOPED = f"{DS}enveloped-signature"
BODY = """<generatedDate>2026-11-21T13:00:00Z</generatedDate>
 <learner><givenNames>Noor</givenNames><familyName>van den Łukasiewicz-Özdemir</familyName>
  <bday>2001-05-14</bday></learner>
 <report>
  <issuer><country>NL</country><identifier type="brin">00XX</identifier>
   <title xml:lang="nl">Hogeschool De Horst</title><url>https://horst.example/</url></issuer>
  <learningOpportunitySpecification><identifier type="local">1</identifier>
   <title xml:lang="nl">Bachelor Verpleegkunde</title><title xml:lang="en">Bachelor Nursing</title>
   <type>Degree Programme</type>
   <specifies><learningOpportunityInstance><date>2024-07-05</date><status>passed</status>
    <level><type>EQF</type><value>6</value></level>
    <level><type>NLQF</type><value>6</value></level></learningOpportunityInstance></specifies>
   <hasPart><learningOpportunitySpecification>
    <title xml:lang="nl">Klinisch redeneren</title><type>Course</type>
    <specifies><learningOpportunityInstance><resultLabel>8</resultLabel>
     <credit><scheme>ects</scheme><value>15</value></credit>
    </learningOpportunityInstance></specifies></learningOpportunitySpecification></hasPart>
  </learningOpportunitySpecification><issueDate>2024-07-05</issueDate></report>"""


def document(body: str = BODY, signature: str = "") -> bytes:
    """An ELMO document; without a signature unless one is given."""
    root = '<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{body}{signature}</elmo>\n'.encode()


def empty_signature(
    *,
    method: str = RSA_SHA256,
    canonical: str = C14N,
    transforms: tuple[str, ...] = (ENVELOPED,),
) -> str:
    """A signature that still has to be filled in."""
    listed = "".join(f'<Transform Algorithm="{one}"/>' for one in transforms)
    reference = (
        f'<Reference URI=""><Transforms>{listed}</Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"/><DigestValue/></Reference>'
    )
    return (
        f'<Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod Algorithm="{canonical}"/>'
        f'<SignatureMethod Algorithm="{method}"/>{reference}</SignedInfo>'
        "<SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>"
    )


@dataclass(frozen=True, slots=True)
class ElmoWorld(World):
    """A hierarchy with a key for EMREX, and the trust list that names it."""

    kid: str

    def sign(self, template: bytes) -> bytes:
        """Let xmlsec1 fill in the signature, with the key of EMREX and its certificate."""
        return xmlsec_sign(template, self.keys / f"{self.kid}.key", self.folder)

    def elmo(self, body: str = BODY) -> bytes:
        """A signed ELMO in the form of the profile."""
        return self.sign(document(body, empty_signature()))


def xmlsec_sign(template: bytes, key: Path, work: Path) -> bytes:
    """Sign with xmlsec1; the certificate lies beside the key."""
    source = work / "template.xml"
    source.write_bytes(template)
    pair = f"{key},{key.with_suffix('.pem')}"
    done = subprocess.run(
        [
            judges.require("xmlsec1"),
            *("--sign", "--privkey-pem", pair, "--id-attr:id", "elmo", str(source)),
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def xmlsec_accepts(data: bytes, certificate: Path, work: Path) -> bool:
    """What xmlsec1 says, by this certificate's key and no other (emrex.md 2.8)."""
    source = work / "judged.xml"
    source.write_bytes(data)
    done = subprocess.run(
        [
            judges.require("xmlsec1"),
            *("--verify", "--insecure", "--enabled-key-data", "rsa"),
            *("--pubkey-cert-pem", str(certificate), str(source)),
        ],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def make_elmo_world(folder: Path) -> ElmoWorld:
    """A test hierarchy to which a ceremony added a key with the purpose `emrex`."""
    world = make_world(folder)
    with amended(world.keys) as change:
        custody, issuer = FileCustody(change.draft), load_authority(world.keys)
        entry = making.make_key(
            change.draft, EMREX, custody, issuer, Terms(NOW.replace(hour=1), KeyState.ACTIVE)
        )
        change.commit(change.book.with_entry(entry))
    return ElmoWorld(folder, world.keys, publish(world.keys), entry.kid)


def compromise(world: ElmoWorld) -> bytes:
    """The trust list after the key of EMREX was lost."""
    publishing.change_state(world.keys, world.kid, KeyState.COMPROMISED, at=NOW)
    return publish(world.keys)
