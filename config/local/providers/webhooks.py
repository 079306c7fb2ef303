"""Stand-in: what Nango tells about connections, signed, to one address on loopback."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from typing import Any, Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset(["127.0.0.1", "localhost", "::1"])
SECONDS: Final = 20
PAUSES: Final = (0.1, 0.4, 0.0)  # seconds after a failed try


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead away from loopback."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Webhooks:
    """Sends and remembers what it sent."""

    def __init__(self, *, key: str) -> None:
        self.key = key
        self.reset()

    def reset(self) -> None:
        self.url = ""
        self.sent: deque[dict[str, Any]] = deque(maxlen=1_000)

    def configure(self, url: str) -> None:
        """Raises ValueError for an address that is not on loopback."""
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK):
            raise ValueError(f"Webhooks go to http or https on loopback alone, not to {url!r}.")
        self.url = url

    def tell(self, body: dict[str, Any]) -> None:
        """Send in a thread of its own, so that whoever caused it does not wait."""
        if self.url:
            raw = json.dumps(body, separators=(",", ":")).encode()
            threading.Thread(target=self.send, args=(self.url, raw), daemon=True).start()

    def send(self, url: str, raw: bytes) -> None:
        """Try again when the other side is in trouble; a refusal (4xx) is never sent again."""
        headers = {"Content-Type": "application/json", "User-Agent": "nango/1.0", **sign(raw, key=self.key)}
        for pause in PAUSES:
            status = post(url, raw, headers=headers)
            self.sent.append({"body": raw.decode(), "headers": headers, "status": status})
            if 0 < status < 500:
                return
            time.sleep(pause)


def post(url: str, raw: bytes, *, headers: dict[str, str]) -> int:
    """The status of the answer, 0 where there is none."""
    request = urllib.request.Request(url, data=raw, headers=headers)  # noqa: S310 - http or https to loopback, see configure
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        with opener.open(request, timeout=SECONDS) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return int(refusal.code)
    except OSError:
        return 0


def sign(raw: bytes, *, key: str) -> dict[str, str]:
    """The signature over the raw body, and the old one, which is no HMAC."""
    return {
        "X-Nango-Signature": hashlib.sha256(key.encode() + raw).hexdigest(),
        "X-Nango-Hmac-Sha256": hmac.new(key.encode(), raw, hashlib.sha256).hexdigest(),
    }


def describe_auth(
    *, nango_id: str, integration: str, operation: str, tags: dict[str, str], error: dict[str, str] | None = None
) -> dict[str, Any]:
    """The body of an "auth" webhook; with `error` ({type, description}) of one that failed."""
    body = {
        "from": "nango",
        "type": "auth",
        "connectionId": nango_id,
        "authMode": "OAUTH2",
        "providerConfigKey": integration,
        "provider": integration,
        "environment": "dev",
        "operation": operation,
        "tags": tags,
        "success": error is None,
    }
    return body if error is None else {**body, "error": error}
