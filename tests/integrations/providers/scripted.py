"""A provider's side of a conversation, written down: every question has to be one that was foreseen, to the last parameter."""

import json
from collections.abc import Mapping

from integrations.providers.base import Reply, Request

Question = tuple[str, tuple[tuple[str, str], ...]]
Answer = Mapping[str, object] | bytes | Exception


def question(path: str, *params: tuple[str, str]) -> Question:
    return path, params


class Script:
    """Answers each question with its answers in turn; the last one again and again."""

    def __init__(self, *lines: tuple[Question, Answer]) -> None:
        self.answers: dict[Question, list[Answer]] = {}
        self.asked: list[Request] = []
        for asked, answer in lines:
            self.answers.setdefault(asked, []).append(answer)

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        key = (request.path, request.params)
        assert key in self.answers, f"nobody foresaw {key}"
        waiting = self.answers[key]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.asked]
