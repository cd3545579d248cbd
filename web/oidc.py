"""A login service that speaks OpenID Connect: code flow, PKCE, and nothing taken on trust.

Only addresses of the configured issuer are ever asked, no redirect is followed, and
no answer may be large or slow. authlib writes the requests; the token that comes back
is judged by `web.idtoken`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwk
from joserfc.jwk import Key
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet

from web.errors import LoginCancelled, LoginRefused, LoginUnavailable
from web.idtoken import PERMITTED, Claims, Expected, check_claims, key_id, verified_claims
from web.login import Choice, Identity, Level, sure_enough
from web.sessions import PendingLogin

MAX_ANSWER = 256 * 1024
KEEP_DISCOVERY = timedelta(hours=1)
KEEP_KEYS = timedelta(minutes=10)
ASK_AGAIN = timedelta(seconds=30)
"""An unknown key makes us ask for the keys again, no more often than this."""
_STOPPED = frozenset({"access_denied", "interaction_required", "login_required"})
_AWAY = frozenset({"temporarily_unavailable", "server_error"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """One login service, as agreed with it."""

    issuer: str
    client_id: str
    levels: Mapping[str, Level]
    """Which `acr` means which level; one that is not listed is refused."""
    client_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    """PEM of an EC or RSA key, for `private_key_jwt`; used instead of a secret."""
    key_id: str = ""
    algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256")
    number_claim: str = "bsn"
    number_kind: str = "bsn"
    scope: str = "openid"
    provider: str = "oidc"
    skew: int = 30
    timeout: float = 5.0

    def __post_init__(self) -> None:
        """Refuse what could never be safe."""
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("a login service is reached over https")
        if not self.algorithms or not set(self.algorithms) <= PERMITTED:
            raise ValueError(f"only these algorithms can sign a login: {sorted(PERMITTED)}")
        if not (self.client_secret or self.private_key):
            raise ValueError("a login service knows us by a secret or a key")


class Oidc:
    """The relying party (OpenID Connect Core 3.1, RFC 7636, RFC 9207)."""

    def __init__(self, config: OidcConfig, *, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._clock = clock
        self._published = _Published(config, clock)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """None: the service itself asks who somebody is."""
        return ()

    @property
    def origins(self) -> tuple[str, ...]:
        """The service itself."""
        return (_origin(self._config.issuer),)

    def start(self, pending: PendingLogin, choice: str) -> str:  # noqa: ARG002 - part of the port
        """The address of the service's own page, with everything that binds the answer to us.

        The service asks who somebody is, so there is no choice to pass on.

        Raises:
            LoginUnavailable: the service does not say where its page is.
        """
        endpoint = self._published.endpoint("authorization_endpoint")
        # Core 3.1.2.1: no silent single sign-on, and the token has to say when it was.
        anew = {"prompt": "login", "max_age": "0"} if pending.since else {}
        with self._client(pending.redirect_uri) as client:
            url, _ = client.create_authorization_url(
                endpoint,
                state=pending.state,
                code_verifier=pending.verifier,
                nonce=pending.nonce,
                ui_locales=pending.language,
                acr_values=" ".join(self._sure_levels()),
                **anew,
            )
        return str(url)

    def finish(self, params: Mapping[str, str], pending: PendingLogin) -> Identity:
        """Exchange the code and read the token.

        Raises:
            LoginRefused: something does not fit; who it is stays unknown.
            LoginCancelled: the person stopped.
            LoginUnavailable: the service does not answer.
            LevelTooLow: the login is not sure enough.
        """
        self._check_answer(params)
        tokens = self._exchange(params["code"], pending)
        claims = self._claims(tokens, pending)
        level = self._config.levels.get(str(claims.get("acr", "")))
        if level is None:
            raise LoginRefused
        sure_enough(Identity(self._config.number_kind, "", level, self._config.provider))
        number = claims.get(self._config.number_claim)
        if not isinstance(number, str) or not number:
            raise LoginRefused
        return Identity(self._config.number_kind, number, level, self._config.provider)

    def _sure_levels(self) -> list[str]:
        return [acr for acr, level in self._config.levels.items() if level >= Level.SUBSTANTIAL]

    def _check_answer(self, params: Mapping[str, str]) -> None:
        """Refuse an answer of another issuer (RFC 9207 2.4), then read its errors."""
        named = params.get("iss")
        if named is None and self._published.always_names_issuer():
            raise LoginRefused
        if named is not None and named != self._config.issuer:
            raise LoginRefused
        error = params.get("error")
        if error in _STOPPED:
            raise LoginCancelled
        if error in _AWAY:
            raise LoginUnavailable
        if error is not None or not params.get("code"):
            raise LoginRefused

    def _exchange(self, code: str, pending: PendingLogin) -> Mapping[str, Any]:
        endpoint = self._published.endpoint("token_endpoint")
        try:
            with self._client(pending.redirect_uri) as client:
                tokens = client.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=pending.verifier,
                    redirect_uri=pending.redirect_uri,
                )
        except httpx2.HTTPError as cause:
            raise LoginUnavailable from cause
        except (AuthlibBaseError, ValueError) as cause:
            raise LoginRefused from cause
        return dict(tokens)

    def _claims(self, tokens: Mapping[str, Any], pending: PendingLogin) -> Claims:
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise LoginRefused
        keys = self._published.keys(key_id(token))
        claims = verified_claims(token, keys, self._config.algorithms)
        expected = Expected(
            issuer=self._config.issuer,
            client_id=self._config.client_id,
            nonce=pending.nonce,
            now=self._clock(),
            skew=self._config.skew,
            access_token=str(tokens.get("access_token", "")),
            since=pending.since,
        )
        check_claims(claims, expected)
        return claims

    def _client(self, redirect_uri: str) -> OAuth2Client:
        """A client for one request: it keeps no token and no state of its own."""
        config = self._config
        client = OAuth2Client(
            config.client_id,
            config.client_secret or None,
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - RFC 7591's name
            scope=config.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=config.timeout,
            follow_redirects=False,
            trust_env=False,
        )
        if config.private_key:
            key = _private_key(config.private_key)
            client.client_secret, client.token_endpoint_auth_method = key, PrivateKeyJWT.name
            algorithm = "ES256" if key.key_type == "EC" else "PS256"
            named = {"kid": config.key_id} if config.key_id else None
            client.register_client_auth_method(PrivateKeyJWT(alg=algorithm, headers=named))
        return client


class _Published:
    """What the service publishes about itself: where to go, and its keys. Kept for a while."""

    def __init__(self, config: OidcConfig, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._clock = clock
        self._lock = threading.Lock()
        self._discovery: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, JWKSet] | None = None

    def endpoint(self, name: str) -> str:
        """One of the service's addresses, on the service's own host.

        Raises:
            LoginUnavailable: it does not answer, or names another host.
        """
        address = self._document().get(name)
        if not isinstance(address, str) or _origin(address) != _origin(self._config.issuer):
            raise LoginUnavailable
        return address

    def always_names_issuer(self) -> bool:
        """Whether every answer must carry `iss` (RFC 9207 3)."""
        return self._document().get("authorization_response_iss_parameter_supported") is True

    def keys(self, wanted: str) -> JWKSet:
        """The service's keys; asked for again when they are old or the wanted one is new.

        Raises:
            LoginUnavailable: it does not answer, or not with keys.
        """
        address = self.endpoint("jwks_uri")
        with self._lock:
            if self._keys is None or self._clock() - self._keys[0] >= self._patience(wanted):
                self._keys = (self._clock(), _key_set(_fetch(self._config, address)))
            return self._keys[1]

    def _patience(self, wanted: str) -> timedelta:
        """How long the keys we have will do: shorter when the wanted one is not among them."""
        known = self._keys is not None and self._keys[1].get_key(wanted) is not None
        return KEEP_KEYS if known or not wanted else ASK_AGAIN

    def _document(self) -> Mapping[str, Any]:
        with self._lock:
            now = self._clock()
            if self._discovery is None or now - self._discovery[0] >= KEEP_DISCOVERY:
                self._discovery = (now, self._discover())
            return self._discovery[1]

    def _discover(self) -> Mapping[str, Any]:
        """OpenID Connect Discovery 4: the document must be about the issuer we asked."""
        issuer = self._config.issuer
        found = _fetch(self._config, issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise LoginUnavailable
        return found


def _fetch(config: OidcConfig, address: str) -> Mapping[str, Any]:
    """A small JSON object from the service."""
    try:
        with (
            httpx2.Client(timeout=config.timeout, trust_env=False) as client,
            client.stream("GET", address) as answer,
        ):
            answer.raise_for_status()
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > MAX_ANSWER:
                    raise LoginUnavailable
        read = json.loads(body)
    except (httpx2.HTTPError, ValueError) as cause:
        raise LoginUnavailable from cause
    if not isinstance(read, dict):
        raise LoginUnavailable
    return read


def _key_set(document: Mapping[str, Any]) -> JWKSet:
    try:
        return JWKSet.from_json(json.dumps(document))
    except (JWException, ValueError, TypeError) as cause:
        raise LoginUnavailable from cause


def _private_key(pem: str) -> Key:
    """Our own key, in the form that authlib signs with."""
    return jwk.import_key(JWK.from_pem(pem.encode()).export(as_dict=True))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
