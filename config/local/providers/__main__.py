"""Stand-in: `python -m config.local.providers [PORT]` serves on loopback and says its port on the first line."""

import signal
import sys
import threading
from functools import partial

from config.local.providers.answers import Refusal, limit_headers
from config.local.providers.client import LIST_KEY, SECRET_KEY, WEBHOOK_KEY
from config.local.providers.connect import answer_page
from config.local.providers.control import answer_control
from config.local.providers.nango import Nango
from config.local.providers.proxy import answer_directly, answer_proxy
from config.local.providers.server import Request, Response, Server, json_response

HOSTS = ("127.0.0.1", "localhost")


def answer(nango: Nango, request: Request) -> Response:
    """Send a call where it belongs. A name other than loopback's would be a page that had its name point here."""
    if request.headers.get("host", "").partition(":")[0] not in HOSTS:
        return json_response({"error": "only loopback is answered"}, status=421)
    if request.path.startswith("/proxy/"):
        return answer_nango(nango, request)
    if request.path.startswith("/_control/"):
        return answer_control(nango, request)
    if request.path == "/connect":
        return answer_page(nango, request)
    if request.path.startswith(("/connect/", "/connections")):
        return answer_nango(nango, request)
    return answer_directly(nango, request)


def answer_nango(nango: Nango, request: Request) -> Response:
    """Nango's own answers and those it hands on; its limit is on all of them."""
    try:
        response = answer_proxy(nango, request) if request.path.startswith("/proxy/") else nango.answer(request)
    except Refusal as refusal:
        response = refusal.response
    response.headers = {**limit_headers(), **response.headers}
    return response


def serve(port: int) -> None:
    """Answer until SIGTERM or Ctrl-C."""
    nango = Nango(secret_key=SECRET_KEY, list_key=LIST_KEY, webhook_key=WEBHOOK_KEY)
    with Server(port=port, answer=partial(answer, nango)) as server:
        nango.url = f"http://127.0.0.1:{server.port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.port, flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT}
    )  # before any thread: all of them inherit it
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
