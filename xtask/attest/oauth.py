"""Independent OAuth in Python: requests-oauthlib as a client of the simulated providers, oauthlib as an OAuth 1.0a server
for our engine.

    python oauth.py clients PLAN OUT [ID...]
    python oauth.py server
"""

import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import requests
from oauthlib.oauth1 import RequestValidator, WebApplicationServer
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth1Session, OAuth2Session

# A server may grant other scopes than were asked for, if it says so (RFC 6749 section 3.3); the library takes that for an
# attack unless it is told.
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"

SECRET = "only-for-the-servers-of-xtask-attest"
HOST = "https://as.independent.example"


class Failed(Exception):
    """A step that was not completed."""


class Simulated(HTTPAdapter):
    """Leads every https address to the simulator, after it was signed."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def send(self, request, **more):
        url = urlsplit(request.url)
        query = f"?{url.query}" if url.query else ""
        request.url = f"http://127.0.0.1:{self.port}/_/{url.netloc}{url.path}{query}"
        return super().send(request, **more)


class Trial:
    """One integration."""

    def __init__(self, port, entry):
        self.port, self.entry, self.dialect = port, entry, entry["dialect"]
        self.done = []

    def mounted(self, session):
        session.mount("https://", Simulated(self.port))
        session.trust_env = False
        return session

    def approve(self, url):
        """Answers the consent page with the account that is chosen already."""
        person = self.mounted(requests.Session())
        page = person.get(url, allow_redirects=False).text
        account = re.search(r'name="account" value="([^"]*)" checked', page)
        if not account:
            raise Failed(f"no consent page: {page[:300]}")
        form = {"decision": "approve", "account": account[1]}
        answer = person.post(url, data=form, allow_redirects=False)
        if "location" not in answer.headers:
            raise Failed(f"no way back, status {answer.status_code}")
        return answer.headers["location"]

    def sign(self):
        """The three steps of OAuth 1.0a."""
        entry, dialect = self.entry, self.dialect
        callback = f"{entry['redirect_uri']}?state={'s' * 43}"
        session = self.mounted(OAuth1Session(entry["client_id"], entry["client_secret"], callback_uri=callback))
        session.fetch_request_token(dialect["request_token_url"])
        url = session.authorization_url(
            dialect["authorize_url"], scope=dialect["scope"], **dialect["authorize_params"]
        )
        session.parse_authorization_response(self.approve(url))
        token = session.fetch_access_token(dialect["access_token_url"])
        who = entry["whoami"]
        value = who["authorization"].replace("{client_id}", entry["client_id"])
        plain = self.mounted(requests.Session())
        answer = plain.get(who["url"], headers={"authorization": value.replace("{token}", token["oauth_token"])})
        answer.raise_for_status()
        # The same call, signed as the standard has it.
        session.get(who["url"]).raise_for_status()
        self.done.append("flow")

    def code(self):
        """Authorize, token, whose account; a refresh where that is standard."""
        entry, dialect = self.entry, self.dialect
        pkce = None if dialect["pkce"] == "none" else "S256"
        scope = dialect["scope"].split() if dialect["scope"] else None
        session = self.mounted(
            OAuth2Session(entry["client_id"], scope=scope, redirect_uri=entry["redirect_uri"], pkce=pkce)
        )
        url, _ = session.authorization_url(dialect["authorize_url"], **dialect["authorize_params"])
        back = self.approve(url)
        # The library insists on https for the way back, which a console on a laptop has not.
        back = back.replace("http://localhost:3000", "https://localhost:3000")
        if dialect["client_auth"] == "basic":
            proof = {"auth": HTTPBasicAuth(entry["client_id"], entry["client_secret"])}
        else:
            proof = {"client_secret": entry["client_secret"], "include_client_id": True}
        token = session.fetch_token(dialect["token_url"], authorization_response=back, **proof)
        self.who(session, token, back)
        self.done.append("flow")
        if dialect["refresh"] and not entry["off"]["lifecycle"]:
            self.refresh(session, token)

    def who(self, session, token, back):
        who = self.entry["whoami"]
        told, url = parse_qs(urlsplit(back).query), who["url"]
        for part in self.entry["returned"]:
            value = told.get(part["path"], [token.get(part["path"])])[0]
            if isinstance(value, str):
                url = url.replace("{" + part["name"] + "}", value)
        headers = dict(who["headers"])
        if who["body"]:
            headers["content-type"] = "application/json"
        session.request(who["method"], url, data=who["body"], headers=headers).raise_for_status()

    def refresh(self, session, token):
        self.part = "refresh"
        entry, dialect = self.entry, self.dialect
        more = {"redirect_uri": entry["redirect_uri"]} if dialect["redirect_uri_on_refresh"] else {}
        if dialect["client_auth"] == "basic":
            more["auth"] = HTTPBasicAuth(entry["client_id"], entry["client_secret"])
        else:
            more |= {"client_id": entry["client_id"], "client_secret": entry["client_secret"]}
        session.refresh_token(dialect["token_url"], refresh_token=token["refresh_token"], **more)
        self.done.append("refresh")

    def opinion(self):
        self.part = "flow"
        opinion = {
            "integration": self.entry["id"],
            "tool": f"requests-oauthlib {version('requests-oauthlib')}",
            "side": "client",
            "done": self.done,
        }
        try:
            self.sign() if self.dialect["kind"] == "oauth1" else self.code()
        except Exception as error:  # Whatever a library raises is its opinion.
            got = f"{type(error).__name__}: {error}"
            opinion["failed"] = {
                "part": self.part,
                "step": f"another independent client: {self.part}",
                "got": got[:500],
            }
        return opinion


def clients(plan_file, out, *only):
    with open(plan_file, encoding="utf-8") as file:
        plan = json.load(file)
    wanted = [
        entry
        for entry in plan["integrations"]
        if not entry["off"]["flow"] and (not only or entry["id"] in only)
    ]
    opinions = [Trial(plan["port"], entry).opinion() for entry in wanted]
    with open(out, "w", encoding="utf-8") as file:
        json.dump(opinions, file, indent=1)


class Keeper(RequestValidator):
    """What an OAuth 1.0a server remembers."""

    enforce_ssl = False
    client_key_length = (3, 50)
    nonce_length = (20, 60)

    def __init__(self):
        super().__init__()
        self.requested, self.given, self.nonces = {}, {}, set()

    def validate_client_key(self, client_key, request):
        return client_key == "clientsigns"

    def get_client_secret(self, client_key, request):
        return SECRET

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, **tokens):
        fresh = (timestamp, nonce) not in self.nonces
        self.nonces.add((timestamp, nonce))
        return fresh

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def get_default_realms(self, client_key, request):
        return []

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri.startswith("http://localhost:3000/callback/")

    def save_request_token(self, token, request):
        self.requested[token["oauth_token"]] = {
            "secret": token["oauth_token_secret"],
            "callback": request.redirect_uri,
        }

    def verify_request_token(self, token, request):
        return token in self.requested

    def get_realms(self, token, request):
        return []

    def verify_realms(self, token, realms, request):
        return True

    def get_redirect_uri(self, token, request):
        return self.requested[token]["callback"]

    def save_verifier(self, token, verifier, request):
        self.requested[token]["verifier"] = verifier["oauth_verifier"]

    def validate_request_token(self, client_key, token, request):
        return token in self.requested

    def get_request_token_secret(self, client_key, token, request):
        return self.requested[token]["secret"]

    def validate_verifier(self, client_key, token, verifier, request):
        return self.requested[token].get("verifier") == verifier

    def save_access_token(self, token, request):
        self.given[token["oauth_token"]] = token["oauth_token_secret"]

    def invalidate_request_token(self, client_key, request_token, request):
        del self.requested[request_token]

    @property
    def dummy_client(self):
        return "nobody"

    @property
    def dummy_request_token(self):
        return "nothing"


KEEPER = Keeper()
SERVER = WebApplicationServer(KEEPER)


class Desk(BaseHTTPRequestHandler):
    """Its three addresses. The admin's approval is given at once."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        make = {
            "/request_token": SERVER.create_request_token_response,
            "/access_token": SERVER.create_access_token_response,
        }.get(self.path)
        if not make:
            return self.answer({}, "", 404)
        return self.answer(*make(HOST + self.path, "POST", body, dict(self.headers)))

    def do_GET(self):
        if not self.path.startswith("/authorize"):
            return self.answer({}, "", 404)
        return self.answer(*SERVER.create_authorization_response(HOST + self.path, "GET", None, dict(self.headers), []))

    def answer(self, headers, body, status):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        data = (body or "").encode()
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def server():
    listener = HTTPServer(("127.0.0.1", 0), Desk)
    print(json.dumps({"port": listener.server_port, "tool": f"oauthlib {version('oauthlib')}"}), flush=True)
    listener.serve_forever()


if __name__ == "__main__":
    {"clients": clients, "server": server}[sys.argv[1]](*sys.argv[2:])
