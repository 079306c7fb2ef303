import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.local.certificate import Certificate
from config.local.providers.webhooks import Webhooks


class Web(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.find(tmp_path_factory.mktemp("staging") / "certificate")


@pytest.fixture
def web(certificate: Certificate) -> Iterator[str]:
    """A web that speaks https with staging's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/webhooks/nango/"
        server.shutdown()
        thread.join()


def test_a_web_that_speaks_https_is_told_when_its_authority_is_trusted(
    web: str, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    webhooks = Webhooks(key="made-up")
    webhooks.configure(web)
    webhooks.send(web, b"{}")
    assert [told["status"] for told in webhooks.sent] == [200]


def test_a_web_that_nobody_vouches_for_is_told_nothing(
    web: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = Certificate.find(tmp_path / "stranger")
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.authority))
    webhooks = Webhooks(key="made-up")
    webhooks.send(web, b"{}")
    assert {told["status"] for told in webhooks.sent} == {0}


@pytest.mark.parametrize("url", ["http://example.com/", "https://example.com/", "ftp://127.0.0.1/"])
def test_webhooks_go_nowhere_but_to_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="loopback alone"):
        Webhooks(key="made-up").configure(url)
