// An independent client, openid-client, against the simulated providers: authorize, token, whose account, refresh,
// revoke, for every integration that keeps to the standards.
//
//   node clients.mjs PLAN OUT [ID…]
//
// PLAN is what `patchbay simulator` prints; OUT gets the opinions.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as oauth from "openid-client";

const [planFile, out, ...only] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, "utf8"));
const version = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("openid-client").replace(/build.*/, "package.json"), "utf8"),
).version;

/** The simulator's address of a provider's. */
function simulated(address) {
  const url = new URL(address);
  return `http://127.0.0.1:${plan.port}/_/${url.host}${url.pathname}${url.search}`;
}

const send = (url, options) => fetch(simulated(url), { ...options, redirect: "manual" });

/** An OAuth client's view of an answer: ID tokens are OpenID Connect's, and the simulated ones are only hints. */
async function withoutIdToken(url, options) {
  const answer = await send(url, options);
  if (!answer.headers.get("content-type")?.includes("json")) return answer;
  const body = await answer.json();
  delete body.id_token;
  return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
}

/** A step that was not completed. */
class Failed extends Error {
  constructor(part, step, got) {
    super(`${step}: ${got}`);
    Object.assign(this, { part, step, got });
  }
}

async function step(part, words, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failed) throw error;
    const details = [error.message, error.code, error.error, error.error_description, error.cause?.message];
    throw new Failed(part, words, details.filter(Boolean).join("; "));
  }
}

/** Answers the consent page as a person would: the account that is chosen already, and Approve. */
async function approve(url) {
  const page = await (await send(url)).text();
  const account = page.match(/name="account" value="([^"]*)" checked/)?.[1];
  if (account === undefined) throw new Error(`no consent page: ${page.match(/<h1>(.*?)<\/h1><p>(.*?)<\/p>/s)?.slice(1)}`);
  const form = new URLSearchParams({ decision: "approve", account: account.replaceAll("&amp;", "&") });
  const answer = await send(url, { method: "POST", body: form });
  const location = answer.headers.get("location");
  if (!location) throw new Error(`no way back, status ${answer.status}`);
  return new URL(location);
}

function configuration(entry, auth) {
  const { dialect } = entry;
  const server = {
    issuer: new URL(dialect.authorize_url).origin,
    authorization_endpoint: dialect.authorize_url,
    token_endpoint: dialect.token_url,
    revocation_endpoint: entry.revoke?.url,
  };
  const method = auth === "basic" ? oauth.ClientSecretBasic : oauth.ClientSecretPost;
  const config = new oauth.Configuration(server, entry.client_id, undefined, method(entry.client_secret));
  config[oauth.customFetch] = withoutIdToken;
  return config;
}

async function flow(entry, config) {
  const { dialect } = entry;
  const state = oauth.randomState();
  const verifier = dialect.pkce === "none" ? undefined : oauth.randomPKCECodeVerifier();
  const params = { ...dialect.authorize_params, redirect_uri: entry.redirect_uri, state };
  if (dialect.scope) params.scope = dialect.scope;
  if (verifier) {
    params.code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
    params.code_challenge_method = "S256";
  }
  const url = oauth.buildAuthorizationUrl(config, params);
  const back = await step("flow", "approve on the consent page", () => approve(url.href));
  const tokens = await step("flow", "exchange the code", () =>
    oauth.authorizationCodeGrant(config, back, { expectedState: state, pkceCodeVerifier: verifier }),
  );
  await step("flow", "ask whose account it is", () => who(entry, config, tokens, back));
  return tokens;
}

/** Fills what only the provider can tell from where it told it. */
async function who(entry, config, tokens, back) {
  const { whoami } = entry;
  let url = whoami.url;
  for (const { name, path } of entry.returned) {
    url = url.replaceAll(`{${name}}`, back.searchParams.get(path) ?? tokens[path] ?? `{${name}}`);
  }
  const headers = new Headers(whoami.headers);
  if (whoami.body) headers.set("content-type", "application/json");
  const body = whoami.body ?? undefined;
  const answer = await oauth.fetchProtectedResource(
    config, tokens.access_token, new URL(url), whoami.method, body, headers,
  );
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  await answer.json();
}

async function refresh(entry, config, tokens) {
  const params = entry.dialect.redirect_uri_on_refresh ? { redirect_uri: entry.redirect_uri } : {};
  const fresh = await step("refresh", "renew access", () =>
    oauth.refreshTokenGrant(config, tokens.refresh_token, params),
  );
  return { ...fresh, refresh_token: fresh.refresh_token ?? tokens.refresh_token };
}

async function revoke(entry, config, tokens) {
  const kind = tokens[entry.revoke.token] ? entry.revoke.token : "access_token";
  const own = configuration(entry, entry.revoke.auth);
  await step("revoke", "revoke", () => oauth.tokenRevocation(own, tokens[kind]));
  if (kind === "refresh_token") {
    const again = await oauth.refreshTokenGrant(config, tokens.refresh_token).then(() => true, () => false);
    if (again) throw new Failed("revoke", "use what was revoked", "it still works");
  } else {
    const answer = await who(entry, config, tokens, new URL(entry.redirect_uri)).then(() => true, () => false);
    if (answer) throw new Failed("revoke", "use what was revoked", "it still works");
  }
}

async function complete(entry) {
  const done = [];
  try {
    const config = configuration(entry, entry.dialect.client_auth);
    let tokens = await flow(entry, config);
    done.push("flow");
    if (!entry.off.lifecycle) {
      if (entry.dialect.refresh) {
        if (!tokens.refresh_token) throw new Failed("refresh", "get a refresh token", "none");
        tokens = await refresh(entry, config, tokens);
        done.push("refresh");
      }
      if (entry.revoke) {
        await revoke(entry, config, tokens);
        done.push("revoke");
      }
    }
    return { done };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { part, step, got } = error;
    return { done, failed: { part, step: `an independent client: ${step}`, got } };
  }
}

const opinions = [];
for (const entry of plan.integrations) {
  const wanted = only.length === 0 || only.includes(entry.id);
  if (!wanted || entry.off.flow || entry.dialect.kind !== "oauth2") continue;
  opinions.push({
    integration: entry.id,
    tool: `openid-client ${version}`,
    side: "client",
    ...(await complete(entry)),
  });
}
writeFileSync(out, JSON.stringify(opinions, null, 1));
