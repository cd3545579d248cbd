"""The whole API under generated requests: every answer is one that it describes, none is a 500."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from joserfc.jwk import ECKey

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what a test tool says at import about its own dependencies
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.result import Ok
    from schemathesis.specs.openapi.checks import content_type_conformance

from tests.employers.desk import Programs
from wiring import Instance

pytestmark = pytest.mark.slow
BOUNDED = settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Few examples of one operation, each one generated and none stored."""


@pytest.mark.filterwarnings("ignore")
def test_no_generated_request_gets_a_server_error(
    whole_site: FastAPI, house: Instance, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """verifier.md goal 49, platform.md 3.14.4: 0 answers of the 500s over all operations."""
    programs = Programs(house.engine, tmp_path_factory.mktemp("fuzz"), house.clock())
    key = ECKey.generate_key("P-256")
    client = programs.register(key, quota=1_000_000)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", whole_site)
    tried: dict[str, int] = {}
    described = set()
    headers = {"Sec-Fetch-Site": "none"}

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        described.add(found.ok().label)
        programs.now = house.clock()
        headers.update(programs.token(key, client))  # for ten minutes

        def once(case: Any) -> None:
            tried[case.operation.label] = tried.get(case.operation.label, 0) + 1
            response = case.call(headers=headers)
            case.validate_response(response, checks=[not_a_server_error, content_type_conformance])

        BOUNDED(given(case=found.ok().as_strategy())(once))()

    assert set(tried) == described
    assert sum(tried.values()) >= 5 * len(tried)  # an operation without input is tried once
