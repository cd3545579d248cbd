"""The API against the Dutch government's API Design Rules, read from its own description.

verifier.md goal 49, checklist 20 and 21: an own linter, one function for each rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

_WORD = r"_?[a-z0-9]+(-[a-z0-9]+)*"
KEBAB = re.compile(rf"(/({_WORD}|\{{[a-z][A-Za-z0-9]*\}}))+(\.json)?")
CAMEL = re.compile(r"[a-z][A-Za-z0-9]*")
NOT_RESOURCES = {"trust-list", "openapi.json"}
PERSONAL = re.compile(
    "name|birth|number|bsn|pin|secret|date|email|address|person|holder|onderwijs|sha256|hash",
    re.IGNORECASE,
)
SHOWN = {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
"""Kinds of content whose form a reader has to know."""
METHODS = ("get", "put", "post", "delete", "patch")
Document = dict[str, Any]


@pytest.fixture(name="document", scope="session")
def _document(whole_site: FastAPI) -> Document:
    return whole_site.openapi()


def operations(document: Document, prefix: str = "/api/") -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and path.startswith(prefix):
                yield path, method, item[method]


def the_document_is_openapi_3_1_with_contact(document: Document) -> Iterator[str]:
    """/core/doc-openapi, /core/doc-openapi-contact."""
    if not document["openapi"].startswith("3.1"):
        yield "not OpenAPI 3.1"
    yield from (
        f"no {name}"
        for name in ("contact", "license", "version", "title")
        if name not in document["info"]
    )
    if not {"name", "url"} <= set(document["info"]["contact"]):
        yield "a contact that cannot be reached"


def the_full_version_is_semantic(document: Document) -> Iterator[str]:
    """/core/semver."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"]):
        yield "no full version"


def the_major_version_is_in_the_path(document: Document) -> Iterator[str]:
    """/core/uri-version."""
    for path, _, _ in operations(document):
        if not path.startswith(f"/api/v{document['info']['version'].split('.')[0]}/"):
            yield path


def paths_are_kebab_case_without_a_slash_at_the_end(document: Document) -> Iterator[str]:
    """/core/path-segments-kebab-case, /core/no-trailing-slash."""
    yield from (path for path in document["paths"] if not KEBAB.fullmatch(path))


def resources_are_plural_nouns(document: Document) -> Iterator[str]:
    """/core/naming-resources, /core/naming-collections."""
    for path, _, _ in operations(document):
        noun = path.split("/")[3]
        if noun not in NOT_RESOURCES and not noun.endswith("s"):
            yield path


def query_keys_are_camel_case(document: Document) -> Iterator[str]:
    """/core/query-keys-camel-case."""
    for path, _, operation in operations(document):
        for one in operation.get("parameters", []):
            if one["in"] in {"query", "path"} and not CAMEL.fullmatch(one["name"]):
                yield f"{path}: {one['name']}"


def nothing_personal_is_in_a_path_or_query(document: Document) -> Iterator[str]:
    """/core/transport-security; verifier.md checklist 21."""
    for path, _, operation in operations(document, "/"):
        for one in operation.get("parameters", []):
            if one["in"] in {"query", "path"} and PERSONAL.search(one["name"]):
                yield f"{path}: {one['name']}"


def only_operations_that_are_no_resources_have_an_underscore(document: Document) -> Iterator[str]:
    """/core/resource-operations: they are asked with POST."""
    yield from (
        f"{method} {path}"
        for path, method, _ in operations(document)
        if "/_" in path and method != "post"
    )


def every_error_is_a_problem_document(document: Document) -> Iterator[str]:
    """/core/error-handling/problem-details; 400 and never 422."""
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                if set(response.get("content", {})) != {"application/problem+json"}:
                    yield f"{method} {path} {status}"
                if status == "422":
                    yield f"{method} {path} says 422"


def input_that_cannot_be_read_is_foreseen(document: Document) -> Iterator[str]:
    """/core/error-handling/bad-request."""
    for path, method, operation in operations(document):
        takes = operation.get("requestBody") or operation.get("parameters")
        if takes and not {"400", "404"} & set(operation["responses"]):
            yield f"{method} {path}"


def every_answer_tells_the_full_version(document: Document) -> Iterator[str]:
    """/core/version-header."""
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if "API-Version" not in response.get("headers", {}):
                yield f"{method} {path} {status}"


def only_standard_methods_are_used(document: Document) -> Iterator[str]:
    """/core/http-methods; and GET takes no body (/core/http-safety)."""
    for path, item in document["paths"].items():
        yield from (f"{one} {path}" for one in item if one not in {*METHODS, "parameters"})
        if "requestBody" in item.get("get", {}):
            yield f"GET {path} takes a body"


def every_operation_says_what_it_is(document: Document) -> Iterator[str]:
    """Spectral: operation-operationId, operation-description, operation-tags, unique ids."""
    seen: set[str] = set()
    for path, method, operation in operations(document, "/"):
        yield from (
            f"{method} {path}: no {name}"
            for name in ("operationId", "summary", "description", "tags")
            if not operation.get(name)
        )
        if operation.get("operationId") in seen:
            yield f"{operation['operationId']} twice"
        seen.add(operation.get("operationId", ""))


def every_parameter_in_a_path_is_described(document: Document) -> Iterator[str]:
    """Spectral: path-params."""
    for path, method, operation in operations(document, "/"):
        described = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        if described != set(re.findall(r"\{(\w+)\}", path)):
            yield f"{method} {path}"


def every_reference_leads_somewhere(document: Document) -> Iterator[str]:
    """Spectral: oas3-schema, invalid-ref."""
    for reference in re.findall(r"'\$ref': '([^']+)'", str(document)):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found.get(part, {}) if isinstance(found, dict) else {}
        if not found:
            yield reference


def every_body_and_every_answer_has_an_example(document: Document) -> Iterator[str]:
    """Spectral: oas3-media-examples; a reader sees what to send and what comes back."""
    for path, method, operation in operations(document, "/"):
        bodies = {"body": operation.get("requestBody", {})}
        answers = {one: told for one, told in operation["responses"].items() if one[0] == "2"}
        for place, told in (bodies | answers).items():
            for kind, media in told.get("content", {}).items():
                if kind in SHOWN and not _is_shown(media, document):
                    yield f"{method} {path} {place} {kind}"


def _is_shown(media: Document, document: Document) -> bool:
    """Whether it has an example, or each thing in it has one."""
    return _has_one(media, document) or _has_one(media.get("schema", {}), document)


def _has_one(schema: Document, document: Document) -> bool:
    if {"example", "examples", "enum", "const"} & set(schema):
        return True
    if schema.get("format") == "binary" or schema.get("type") == "boolean":
        return True  # nothing to show
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _has_one(document["components"]["schemas"][name], document)
    if "properties" in schema:
        return all(_has_one(one, document) for one in schema["properties"].values())
    return any(
        _has_one(one, document)
        for one in (*schema.get("anyOf", ()), schema.get("items", {}))
        if one
    )


RULES = [
    the_document_is_openapi_3_1_with_contact,
    the_full_version_is_semantic,
    the_major_version_is_in_the_path,
    paths_are_kebab_case_without_a_slash_at_the_end,
    resources_are_plural_nouns,
    query_keys_are_camel_case,
    nothing_personal_is_in_a_path_or_query,
    only_operations_that_are_no_resources_have_an_underscore,
    every_error_is_a_problem_document,
    input_that_cannot_be_read_is_foreseen,
    every_answer_tells_the_full_version,
    only_standard_methods_are_used,
    every_operation_says_what_it_is,
    every_parameter_in_a_path_is_described,
    every_reference_leads_somewhere,
    every_body_and_every_answer_has_an_example,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_api_keeps_the_rule(
    rule: Callable[[Document], Iterator[str]], document: Document
) -> None:
    assert list(rule(document)) == []


def _body(schema: Document) -> Document:
    return {"content": {"application/json": {"schema": schema}}}


def _broken(change: Callable[[Document], object]) -> Document:
    operation = {
        "operationId": "a",
        "summary": "a",
        "description": "a",
        "tags": ["a"],
        "parameters": [{"in": "query", "name": "pageSize"}],
        "responses": {
            "400": {
                "content": {"application/problem+json": {}},
                "headers": {"API-Version": {}},
            }
        },
    }
    document: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "x",
            "version": "1.0.0",
            "license": {},
            "contact": {"name": "x", "url": "x"},
        },
        "paths": {"/api/v1/receipts": {"get": operation}},
    }
    change(document)
    return document


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (RULES[0], lambda d: d["info"].pop("contact") and d["info"].update(contact={})),
        (RULES[1], lambda d: d["info"].update(version="1")),
        (RULES[2], lambda d: d["paths"].update({"/api/receipts/x": {"get": {}}})),
        (RULES[3], lambda d: d["paths"].update({"/api/v1/receipts/": {}})),
        (RULES[3], lambda d: d["paths"].update({"/api/v1/hashBuckets": {}})),
        (RULES[4], lambda d: d["paths"].update({"/api/v1/receipt": {"get": {}}})),
        (
            RULES[5],
            lambda d: _operation(d)["parameters"].append({"in": "query", "name": "page_size"}),
        ),
        (
            RULES[6],
            lambda d: _operation(d)["parameters"].append({"in": "query", "name": "birthDay"}),
        ),
        (RULES[7], lambda d: d["paths"].update({"/api/v1/receipts/_check": {"get": {}}})),
        (RULES[8], lambda d: _operation(d)["responses"].update({"422": {}})),
        (RULES[9], lambda d: _operation(d)["responses"].pop("400")),
        (RULES[10], lambda d: _operation(d)["responses"].update({"200": {}})),
        (RULES[11], lambda d: _operation(d).update(requestBody={})),
        (RULES[12], lambda d: _operation(d).pop("tags")),
        (RULES[13], lambda d: d["paths"].update({"/api/v1/x/{id}": {"get": {}}})),
        (RULES[14], lambda d: _operation(d).update({"$ref": "#/components/nothing"})),
        (RULES[15], lambda d: _operation(d).update(requestBody=_body({"type": "object"}))),
        (
            RULES[15],
            lambda d: _operation(d)["responses"].update({"200": _body({"type": "object"})}),
        ),
    ],
)
def test_the_linter_finds_what_breaks_the_rule(
    rule: Callable[[Document], Iterator[str]], change: Callable[[Document], object]
) -> None:
    assert list(rule(_broken(lambda _: None))) == []
    assert list(rule(_broken(change))) != []


def _operation(document: Document) -> Document:
    operation: Document = document["paths"]["/api/v1/receipts"]["get"]
    return operation


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/receipts/", "/api/v1/nothing"])
def test_what_is_sent_follows_the_rules_too(path: str, visitor: TestClient) -> None:
    """verifier.md 4.20: a slash at the end is another address, and there is nothing."""
    answer = visitor.get(path)

    assert answer.headers["api-version"] == "1.0.0"
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.status_code == 200) == path.endswith("json")
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
