"""The archive's own copy in a whole instance: made by the command, known to the verifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checking import lone_verifier, online_verifier
from credentials.extract import Language, Purpose
from register.synthetic.personas import PERSONAS
from tests.commands import echt
from tests.house import furnish
from verifier.sandbox import Sandbox
from verifier.verdict import CheckName, CheckResult, VerdictCode

pytestmark = pytest.mark.slow


def test_a_copy_made_by_the_command_is_genuine_with_and_without_our_ledger(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    instance = furnish(tmp_path, people=1)
    record = instance.register.awards_of(PERSONAS[0].person_id)[0]
    issued = instance.downloads.extract(record, Language.NL, Purpose.GENERAL)

    accounts = [echt(tmp_path, "archive", one, "--json") for one in ("preserve", "renew")]
    work = echt(tmp_path, "downloads", "work")
    copy = instance.preserving.preserved.get(issued.number)
    online = online_verifier(instance, sandbox).verify(copy)
    alone = lone_verifier(instance.settings, sandbox).verify(copy)
    instance.close()

    assert [json.loads(one.stdout)["done"] for one in accounts] == [1, 0], accounts
    assert work.stdout == "made 0, refused 0, put off 0\n", work.stderr
    assert copy.startswith(issued.document)
    assert copy != issued.document
    assert online.code is VerdictCode.GENUINE_CURRENT, online.reasons
    known = {check.name: check.result for check in online.checks}
    assert known[CheckName.KNOWN_BYTES] is not CheckResult.PASS
    assert alone.code is VerdictCode.GENUINE_STATUS_UNKNOWN, alone.reasons
