"""Stand-in: the page on which a person allows or refuses access, in place of Nango's and the provider's."""

from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import parse_qsl

from config.local.providers.nango import INTEGRATIONS, Connection, Nango, Session
from config.local.providers.server import Request, Response
from config.local.providers.webhooks import describe_auth
from config.local.providers.world import Account

NAMES: Final = {"gmail": "Gmail", "gdrive": "Google Drive", "dropbox": "Dropbox", "zoho_mail": "Zoho Mail"}
PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:10vh auto;padding:0 1rem;color:#222}}
.note{{background:#fff4d6;border:1px solid #e0c060;border-radius:.5rem;padding:.75rem 1rem}}
button{{font:inherit;padding:.5rem 1.25rem;margin-right:.5rem;border-radius:.4rem;border:1px solid #666;background:#fff;cursor:pointer}}
button[value=allow]{{background:#1d6b45;border-color:#1d6b45;color:#fff}}label{{display:block;margin:.25rem 0}}</style></head>
<body><p class="note" role="note">This page is a stand-in for the provider. No real account is asked, and nothing leaves this machine.</p>
<h1>{title}</h1>{body}</body></html>"""
FORM: Final = """<p>Life Graph asks to read {which}:</p>
<form method="post" action="/connect"><input type="hidden" name="session_token" value="{token}">{choices}
<p><button name="answer" value="allow">Allow</button><button name="answer" value="refuse">Refuse</button></p></form>"""
HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}


def answer_page(nango: Nango, request: Request) -> Response:
    """GET shows the question, POST takes the answer."""
    fields = dict(request.params if request.method == "GET" else parse_qsl(request.body.decode("utf-8", "replace")))
    session = nango.sessions.get(fields.get("session_token", ""))
    if session is None or session.expires_at < datetime.now(UTC):
        return page("This link is no longer good", "<p>Please begin again in Life Graph.</p>", status=404)
    accounts = offered(nango, session)
    if not accounts:
        return page("There is no account here", "<p>The stand-in has no made-up account of this kind.</p>", status=404)
    if request.method == "GET":
        return ask(session, accounts)
    if fields.get("answer") != "allow":
        return refuse_access(nango, session)
    chosen = next((account for account in accounts if value(account) == fields.get("address")), None)
    named = next((account for account in accounts if account.address == fields.get("address")), accounts[0])
    return allow_access(nango, session, account=chosen or named)


def offered(nango: Nango, session: Session) -> list[Account]:
    """The accounts a person may choose from; a connection is renewed with its own alone."""
    if session.reconnect:
        return [session.reconnect.account]
    return [account for name in session.integrations for account in nango.world.of(INTEGRATIONS[name])]


def ask(session: Session, accounts: list[Account]) -> Response:
    names = " or ".join(dict.fromkeys(NAMES[account.provider] for account in accounts))
    choices = "".join(
        f'<label><input type="radio" name="address" value="{escape(value(account))}"{" checked" if not place else ""}> '
        f"{escape(account.address)} ({NAMES[account.provider]})</label>"
        for place, account in enumerate(accounts)
    )
    which = "this made-up account" if len(accounts) == 1 else "one of these made-up accounts"
    return page(f"Connect {names}?", FORM.format(token=escape(session.token), choices=choices, which=which))


def allow_access(nango: Nango, session: Session, *, account: Account) -> Response:
    """Make or renew the connection, tell the webhook; the session is used up."""
    nango.sessions.pop(session.token, None)
    connection = session.reconnect
    if connection:
        renew(nango, connection, tags=session.tags)
    else:
        connection = nango.connect(account, tags=session.tags)
    tell(nango, connection, operation="override" if session.reconnect else "creation")
    return page("Connected", "<p>You can close this page and go back to Life Graph.</p>")


def renew(nango: Nango, connection: Connection, *, tags: dict[str, str]) -> None:
    """Nango takes the new tokens; what went wrong with the old ones is over, so faults of access end."""
    with nango.lock:
        connection.tags, connection.updated = tags, datetime.now(UTC)
        nango.connections[connection.nango_id] = connection
    connection.plan.drop_faults(("refresh_backoff", "refresh_exhausted", "refresh_failed"))


def refuse_access(nango: Nango, session: Session) -> Response:
    """Nothing is connected. Nango tells of it as of a failed try."""
    nango.sessions.pop(session.token, None)
    denied = {"type": "access_denied", "description": "The person refused access"}
    integration = session.integrations[0]
    nango_id = session.reconnect.nango_id if session.reconnect else ""
    operation = "override" if session.reconnect else "creation"
    body = describe_auth(
        nango_id=nango_id, integration=integration, operation=operation, tags=session.tags, error=denied
    )
    nango.webhooks.tell(body)
    return page("Not connected", "<p>Nothing was connected. You can close this page.</p>")


def tell(nango: Nango, connection: Connection, *, operation: str) -> None:
    nango_id, integration = connection.nango_id, connection.integration
    nango.webhooks.tell(
        describe_auth(nango_id=nango_id, integration=integration, operation=operation, tags=connection.tags)
    )


def value(account: Account) -> str:
    """How the form names an account."""
    return f"{account.provider} {account.address}"


def page(title: str, body: str, *, status: int = 200) -> Response:
    return Response(status, PAGE.format(title=escape(title), body=body).encode(), dict(HEADERS))
