// A real OpenID provider on loopback, with made-up people, for the tests of web/oidc.py.
// It asks nothing: whoever `login_hint` (or the environment) names is logged in at once.
// Prints one JSON line with its address when it is ready.
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const settings = JSON.parse(process.env.ECHT_OIDC);
const people = settings.people; // account -> { bsn, acr }

const signing = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: settings.clients,
    jwks: { keys: [{ ...signing, kid: "test-1", use: "sig", alg: "ES256" }] },
    acrValues: Object.values(people).map((person) => person.acr),
    claims: { openid: ["sub", "bsn", "acr"] },
    conformIdTokenClaims: false,
    enabledJWA: {
      idTokenSigningAlgValues: ["ES256"],
      clientAuthSigningAlgValues: ["ES256", "PS256"],
    },
    clientAuthMethods: ["client_secret_basic", "private_key_jwt"],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["only for tests"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: `pairwise-${id}`, bsn: people[id].bsn, acr: people[id].acr }),
    }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  });
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === "login") {
      const account = settings.account;
      if (account === "") return provider.interactionFinished(request, response, { error: "access_denied" });
      return provider.interactionFinished(request, response, { login: { accountId: account, acr: people[account].acr } });
    }
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope("openid");
    grant.addOIDCClaims(["bsn", "acr"]);
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  });
  console.log(JSON.stringify({ issuer }));
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
