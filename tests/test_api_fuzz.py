"""The whole API under generated requests: every answer is one that it describes, none is a 500."""

from __future__ import annotations

import warnings

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from joserfc.jwk import ECKey

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what a test tool says at import about its own dependencies
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance

from employers.store import SqlClients
from tests.employers.desk import NOW, Programs
from wiring import Instance

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EXAMPLES = 12


@pytest.mark.filterwarnings("ignore")
def test_no_generated_request_gets_a_server_error(
    whole_site: FastAPI, house: Instance, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """verifier.md goal 49, platform.md 3.14.4: 0 answers of the 500s over all operations."""
    programs = Programs(house.engine, tmp_path_factory.mktemp("fuzz"))
    programs.clock = house.clock  # type: ignore[method-assign]  # the instance's own time
    programs.now = house.clock()
    key = ECKey.generate_key("P-256")
    client = programs.register(key, quota=1_000_000)
    assert SqlClients(house.engine).client(client.client_id) is not None
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", whole_site)
    tried: dict[str, int] = {}

    for found in schema.get_all_operations():
        operation = found.ok()

        @schemathesis_given(operation)
        def once(case: schemathesis.Case) -> None:
            tried[case.operation.label] = tried.get(case.operation.label, 0) + 1
            headers = {"Sec-Fetch-Site": "none"}
            response = case.call(headers=headers)
            case.validate_response(response, checks=[not_a_server_error, content_type_conformance])

        once()

    assert len(tried) >= 5
    assert all(count >= 2 for count in tried.values())
    assert NOW is not None


def schemathesis_given(operation: object):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Few examples of one operation, each one generated and none stored."""
    from hypothesis import given  # noqa: PLC0415

    def decorate(test):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        bounded = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        return bounded(given(case=operation.as_strategy())(test))  # type: ignore[attr-defined]

    return decorate
