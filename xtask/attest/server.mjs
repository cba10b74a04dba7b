// An independent OAuth 2.0 server, oidc-provider, for our engine: code flow with PKCE, rotating refresh tokens,
// revocation, and its own name in every answer (RFC 9207). It approves by itself: a person's part is not what is tried.
//
//   node server.mjs
//
// Prints one line of JSON with its port and version once it listens.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import Provider, { interactionPolicy } from "oidc-provider";

const ISSUER = "https://as.independent.example";
const SECRET = "only-for-the-servers-of-xtask-attest";
// Any integration's: the id is what differs.
const CALLBACK = /^http:\/\/localhost:3000\/callback\/[a-z-]+$/;

const version = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("oidc-provider").replace(/lib\/.*/, "package.json"), "utf8"),
).version;

const policy = interactionPolicy.base();
policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }));

const app = (client_id, token_endpoint_auth_method) => ({
  client_id,
  client_secret: SECRET,
  token_endpoint_auth_method,
  redirect_uris: ["http://localhost:3000/callback/any"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
});

const provider = new Provider(ISSUER, {
  clients: [app("client-basic", "client_secret_basic"), app("client-body", "client_secret_post")],
  claims: { openid: ["sub"], profile: ["name"] },
  cookies: { keys: [SECRET] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: "Ana Ruiz" }) }),
  interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  pkce: { required: () => false },
  rotateRefreshToken: true,
});
provider.Client.prototype.redirectUriAllowed = (uri) => CALLBACK.test(uri);

/** Signs Ana in and lets her approve everything. */
async function interact(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  let result;
  if (prompt.name === "consent") {
    const known = grantId && (await provider.Grant.find(grantId));
    const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    result = { consent: { grantId: await grant.save() } };
  } else {
    result = { login: { accountId: "ana" }, [prompt.name]: prompt.name === "login" ? { accountId: "ana" } : {} };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
const server = createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  return interact(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: server.address().port, tool: `oidc-provider ${version}` }));
});
