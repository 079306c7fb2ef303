"""A provider's side of a conversation, turn by turn: every request has to be exactly the one that is due."""

import json
from collections.abc import Mapping

from integrations.providers.base import Reply, Request

Answer = Mapping[str, object] | bytes | Exception


class Dialogue:
    """Answers each request with the answer of its turn; used in a `with`, it minds turns that nobody took."""

    def __init__(self, *turns: tuple[Request, Answer]) -> None:
        self.turns = list(turns)

    def __call__(self, request: Request) -> Reply:
        assert self.turns, f"nobody foresaw {request}"
        due, answer = self.turns.pop(0)
        assert request == due
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def __enter__(self) -> "Dialogue":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        assert kind or not self.turns, f"nobody asked for {self.turns}"
