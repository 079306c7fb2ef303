"""The client against a small server that can do everything a server should not."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from integrations import nango, transport
from integrations.errors import (
    ConnectionGone,
    ItemRefused,
    Misconfigured,
    NeedsReauth,
    ProviderUnavailable,
    RateLimited,
    Refused,
)
from integrations.nango import NangoAway, NangoClient, NotConfigured, open_client
from integrations.providers.base import Request

IDS = {"gmail": "google-mail", "dropbox": "dropbox", "gdrive": "google-drive", "zoho_mail": "zoho-mail"}
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Peer:
    """A server on a free port that answers as it is told and remembers what it was asked."""

    url: str = ""
    answer: Answer = field(default=lambda handler: send(handler, 200, {}))
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    sockets: int = 0


def send(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(sent))}.items() | headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(sent)


def say(status: int, body: Any, **headers: str) -> Answer:
    return lambda handler: send(handler, status, body, **headers)


def write(raw: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    return answer


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            peer.sockets += 1

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            peer.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            peer.answer(self)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    peer.url = f"http://127.0.0.1:{server.server_port}"
    yield peer
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(peer: Peer) -> NangoClient:
    return NangoClient(peer.url, "key", integration_ids=IDS, list_key="list-key")


def get(client: NangoClient, path: str = "/gmail/v1/users/me/messages", **fields: Any) -> bytes:
    request = Request(path=path, **({"purpose": "list"} | fields))
    return client.proxy(request, provider=fields.pop("provider", "gmail"), nango_id="conn-1").body


def test_a_call_carries_nangos_headers_and_the_providers_own(client: NangoClient, peer: Peer) -> None:
    get(client, params=(("q", "a b&c=d/ü"), ("historyTypes", "x"), ("historyTypes", "y")), headers=(("X-Own", "1"),))
    method, path, headers, _ = peer.asked[0]
    assert (method, path) == (
        "GET",
        "/proxy/gmail/v1/users/me/messages?q=a%20b%26c%3Dd%2F%C3%BC&historyTypes=x&historyTypes=y",
    )
    told = {name: headers[name] for name in ("authorization", "provider-config-key", "connection-id", "retries")}
    assert told == {
        "authorization": "Bearer key",
        "provider-config-key": "google-mail",
        "connection-id": "conn-1",
        "retries": "0",
    }
    assert headers["nango-proxy-x-own"] == "1"
    assert "base-url-override" not in headers


def test_a_reply_comes_back_whole_with_headers_in_lower_case(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(200, {"messages": []}, X_Request_Id="7")
    reply = client.fetcher(provider="gmail", nango_id="conn-1")(Request(purpose="list", path="/a"))
    assert (reply.body, reply.headers["x-request-id"]) == (b'{"messages": []}', "7")


def test_a_connection_is_kept_open_between_calls(client: NangoClient, peer: Peer) -> None:
    for _ in range(5):
        get(client)
    assert peer.sockets == 1


def test_the_second_host_of_dropbox_is_a_constant(client: NangoClient, peer: Peer) -> None:
    request = Request(
        purpose="item",
        path="/2/files/download",
        method="POST",
        host="content",
        headers=(("Dropbox-API-Arg", '{"path":"id:a"}'), ("Content-Type", "application/octet-stream")),
    )
    client.proxy(request, provider="dropbox", nango_id="conn-1")
    headers = peer.asked[0][2]
    assert headers["base-url-override"] == "https://content.dropboxapi.com"
    assert headers["nango-proxy-dropbox-api-arg"] == '{"path":"id:a"}'
    with pytest.raises(ItemRefused):
        client.proxy(request, provider="gmail", nango_id="conn-1")


def test_json_is_sent_as_such(client: NangoClient, peer: Peer) -> None:
    request = Request(purpose="list", path="/2/files/list_folder", method="POST", json={"path": "", "name": "ü"})
    client.proxy(request, provider="dropbox", nango_id="conn-1")
    _, _, headers, body = peer.asked[0]
    assert (headers["content-type"], json.loads(body)) == ("application/json", {"path": "", "name": "ü"})


@pytest.mark.parametrize(
    "path",
    [
        "/a/../connections", "/a/./b", "/..", "/a/%2e%2E/b", "/a/%2E/b", "/a/..%2Fb", "/a%5Cb", "/a//b", "//evil.example/a", "/a/",
        "a", "", "@evil.example/a", "/a@b", "/a?x=1", "/a#b", "/a b", "/a%", "/a%zz", "/a%0d%0aX:1", "/a\nb", "/a%00", "/ü", "/http://x",
    ],
)  # fmt: skip
def test_a_path_that_could_be_read_as_another_is_never_asked_for(client: NangoClient, peer: Peer, path: str) -> None:
    with pytest.raises(ItemRefused):
        get(client, path, purpose="item")
    with pytest.raises(Refused):
        get(client, path)
    assert peer.asked == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "ü", "a\x7f"])
def test_a_header_that_could_end_early_is_never_sent(client: NangoClient, peer: Peer, value: str) -> None:
    for headers in ((("X", value),), ((value, "x"),)):
        with pytest.raises(Refused):
            get(client, headers=headers)
    with pytest.raises(Refused):
        client.proxy(Request(purpose="list", path="/a"), provider="gmail", nango_id=value)
    assert peer.asked == []


def test_half_of_a_surrogate_pair_is_refused(client: NangoClient) -> None:
    with pytest.raises(Refused):
        get(client, params=(("q", "\ud800"),))


CUT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{}"
BAD_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"
CUT_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
BAD_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
NO_HTTP = b"SSH-2.0-OpenSSH\r\n\r\n"


@pytest.mark.parametrize("raw", [b"", CUT, BAD_CHUNK, CUT_CHUNK, BAD_GZIP, NO_HTTP, b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_what_breaks_on_the_way_may_work_later(client: NangoClient, peer: Peer, raw: bytes) -> None:
    peer.answer = write(raw)
    with pytest.raises(ProviderUnavailable):
        get(client)
    with pytest.raises(ProviderUnavailable):
        get(client, purpose="item", params=(("alt", "media"),))


def test_a_server_that_is_not_there_may_be_later() -> None:
    client = NangoClient("http://127.0.0.1:9", "key", integration_ids=IDS)
    with pytest.raises(ProviderUnavailable):
        get(client)
    with pytest.raises(NangoAway):
        client.delete_connection(provider="gmail", nango_id="conn-1")


def test_a_server_that_says_nothing_is_left(client: NangoClient, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nango, "FOR_A_PROVIDER", transport.Patience(connect=1, read=0.2, total=5))
    peer.answer = lambda handler: time.sleep(0.6)
    with pytest.raises(ProviderUnavailable):
        get(client)


def test_a_server_that_drips_is_left_when_the_time_is_over(
    client: NangoClient, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    peer.answer = drip
    monkeypatch.setattr(nango, "FOR_A_PROVIDER", transport.Patience(connect=1, read=1, total=0.3))
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="too slow"):
        get(client)
    assert time.monotonic() - began < 2


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: NangoClient, peer: Peer) -> None:
    peer.answer = write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n")
    with pytest.raises(ItemRefused, match="larger than 1 MB"):
        get(client, purpose="item", limit=1_000_000)


def test_a_body_that_does_not_tell_its_length_is_counted(client: NangoClient, peer: Peer) -> None:
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    peer.answer = write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n")
    with pytest.raises(ItemRefused):
        get(client, purpose="item", limit=100_000)
    with pytest.raises(Refused):
        get(client, limit=100_000)


def test_a_redirect_is_not_followed(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(302, b"", Location="http://127.0.0.1:9/")
    with pytest.raises(Refused):
        get(client)
    assert len(peer.asked) == 1


def test_nothing_is_repeated(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(503, b"", Retry_After="2")
    with pytest.raises(RateLimited) as caught:
        get(client)
    assert (caught.value.seconds, len(peer.asked)) == (2.0, 1)


def test_the_environment_names_no_proxy(client: NangoClient, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert get(client) == b"{}"


def test_a_certificate_is_always_verified() -> None:
    pool = transport.Transport("https://nango.example")._pool
    assert pool.connection_pool_kw["cert_reqs"] == "CERT_REQUIRED"


def test_no_message_and_no_log_names_what_was_asked(
    client: NangoClient, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for raw in (b"", CUT, b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n", b"HTTP/1.1 500 canary\r\n\r\n"):
        peer.answer = write(raw)
        with pytest.raises(ProviderUnavailable) as caught:
            get(client, "/canary", params=(("q", "canary"),))
        assert "canary" not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "canary" not in caplog.text
    assert "key" not in caplog.text


# --- Nango's own API -------------------------------------------------------------------------------------------------------------------


def test_a_session_is_asked_for_with_tags_and_one_integration(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(
        201, {"data": {"token": "t", "connect_link": "https://c.example/?t", "expires_at": "2026-11-22T12:30:00.000Z"}}
    )
    session = client.create_session(provider="gdrive", tags={"end_user_id": "4"})
    _, path, _, body = peer.asked[0]
    assert (path, json.loads(body)) == (
        "/connect/sessions",
        {"tags": {"end_user_id": "4"}, "allowed_integrations": ["google-drive"]},
    )
    assert (session.token, session.expires_at.isoformat()) == ("t", "2026-11-22T12:30:00+00:00")


def test_a_link_that_is_no_web_address_is_dropped(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(201, {"data": {"token": "t", "connect_link": "javascript:alert(1)"}})
    session = client.create_reconnect_session(provider="gmail", nango_id="conn-1", tags={})
    assert (session.connect_link, json.loads(peer.asked[0][3])["connection_id"]) == ("", "conn-1")


def test_a_connection_is_read_without_its_credentials(client: NangoClient, peer: Peer) -> None:
    row = {
        "connection_id": "c/1",
        "provider_config_key": "google-mail",
        "tags": {"end_user_id": "4"},
        "errors": [{"type": "auth", "log_id": "x"}],
        "credentials": {"access_token": "canary"},
    }
    peer.answer = say(200, row)
    found = client.read_connection(provider="gmail", nango_id="c-1")
    assert (found.nango_id, found.broken, found.tags) == ("c/1", True, {"end_user_id": "4"})
    assert "canary" not in repr(found)
    assert peer.asked[0][1] == "/connections/c-1?provider_config_key=google-mail"


@pytest.mark.parametrize("nango_id", ["../sessions", "..", "a/b", "", "a\nb"])
def test_an_id_that_would_lead_elsewhere_is_not_asked_for(client: NangoClient, peer: Peer, nango_id: str) -> None:
    with pytest.raises(ConnectionGone):
        client.read_connection(provider="gmail", nango_id=nango_id)
    client.delete_connection(provider="gmail", nango_id=nango_id)
    assert peer.asked == []


def test_an_id_with_odd_letters_is_encoded(client: NangoClient, peer: Peer) -> None:
    client.delete_connection(provider="gmail", nango_id="a?b#c@d e")
    assert peer.asked[0][:2] == ("DELETE", "/connections/a%3Fb%23c%40d%20e?provider_config_key=google-mail")


def test_a_connection_that_nango_does_not_know_is_deleted_already(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(404, {"error": {"code": "not_found", "message": ""}})
    client.delete_connection(provider="gmail", nango_id="conn-1")
    with pytest.raises(ConnectionGone):
        client.read_connection(provider="gmail", nango_id="conn-1")


def test_a_404_of_a_stranger_deletes_nothing(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(404, b"<html>")
    with pytest.raises(Misconfigured):
        client.delete_connection(provider="gmail", nango_id="conn-1")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": {"code": "unknown_user_account"}}, Misconfigured),
        (424, {"error": {"code": "invalid_credentials"}}, NeedsReauth),
        (429, {"error": {"code": "too_many_request"}}, NangoAway),
        (500, b"", NangoAway),
        (200, b"{", NangoAway),
        (200, b"[]", NangoAway),
        (200, {"unheard": "of"}, NangoAway),
    ],
)
def test_what_nango_refuses_or_garbles_has_a_type(
    client: NangoClient, peer: Peer, status: int, body: Any, error: type[Exception]
) -> None:
    peer.answer = say(status, body)
    with pytest.raises(error):
        client.read_connection(provider="gmail", nango_id="conn-1")


def list_in_pages(pages: list[list[str]]) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        page = int(handler.path.partition("&page=")[2].partition("&")[0])
        ids = pages[page] if page < len(pages) else []
        send(handler, 200, {"connections": [{"connection_id": one, "provider_config_key": "dropbox"} for one in ids]})

    return answer


@pytest.mark.parametrize(
    "pages",
    [
        [["a", "b"], ["c"]],
        [["a", "b"], ["a", "b"], ["c"]],  # pages that count from 1
        [["a", "b", "c"]] * 9,  # a list that knows no pages
    ],
)
def test_all_connections_are_listed_once_with_a_key_of_their_own(
    client: NangoClient, peer: Peer, pages: list[list[str]]
) -> None:
    peer.answer = list_in_pages(pages)
    found = list(client.list_connections(end_user_id="4"))
    assert [row.nango_id for row in found] == ["a", "b", "c"]
    assert peer.asked[0][1] == "/connections?limit=100&page=0&tags%5Bend_user_id%5D=4"
    assert {asked[2]["authorization"] for asked in peer.asked} == {"Bearer list-key"}


def test_a_list_that_is_none_is_no_empty_list(client: NangoClient, peer: Peer) -> None:
    peer.answer = say(200, {"connections": None})
    with pytest.raises(NangoAway):
        list(client.list_connections())


def test_an_integration_leads_back_to_its_provider(client: NangoClient) -> None:
    assert (client.provider_of("zoho-mail"), client.provider_of("github")) == ("zoho_mail", None)


def test_a_server_without_a_key_says_so(settings: Any) -> None:
    settings.NANGO_SECRET_KEY = ""
    with pytest.raises(NotConfigured):
        open_client()


def test_one_client_serves_a_process(settings: Any) -> None:
    settings.NANGO_SECRET_KEY = "one"
    first = open_client()
    assert first is open_client()
    settings.NANGO_SECRET_KEY = "two"
    assert first is not open_client()
