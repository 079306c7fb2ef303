"""Stand-in: a mail of the world as the bytes that a provider keeps, written by hand because a mail library takes a millisecond."""

import base64
from email import message_from_bytes
from email.header import Header
from email.utils import format_datetime
from html import escape

from config.local.providers.world import Mail, Name


def write_mime(mail: Mail) -> bytes:
    """The mail as it came in, lines ended by CRLF: plain text, HTML, or both as alternatives."""
    if mail.raw is not None:
        return mail.raw
    lines = [*write_headers(mail), "MIME-Version: 1.0"]
    if mail.text and mail.html:
        mark = f"=_{mail.id}"
        lines += [
            f'Content-Type: multipart/alternative; boundary="{mark}"',
            "",
            f"--{mark}",
            *write_part(mail.text, kind="plain"),
        ]
        lines += [f"--{mark}", *write_part(mail.html, kind="html"), f"--{mark}--", ""]
    else:
        lines += write_part(mail.html or mail.text, kind="html" if mail.html else "plain")
    return "\r\n".join(lines).encode()


def write_headers(mail: Mail) -> list[str]:
    people = {"From": encode_name(mail.sender), "To": ", ".join(encode_name(name) for name in mail.to)}
    shown = {**dict(show_headers(mail)), **people, "Subject": encode(mail.subject)}
    return [f"{name}: {value}" for name, value in shown.items()]


def show_headers(mail: Mail) -> list[Name]:
    """(name, value) of the headers, decoded."""
    if mail.raw is not None:
        return [(name, str(value)) for name, value in message_from_bytes(mail.raw).items()]
    answers = [("In-Reply-To", mail.in_reply_to), ("References", mail.in_reply_to)] if mail.in_reply_to else []
    return [
        ("Date", format_datetime(mail.at)),
        ("From", show_name(mail.sender)),
        ("To", ", ".join(show_name(name) for name in mail.to)),
        ("Subject", mail.subject),
        ("Message-ID", mail.message_id),
        *answers,
    ]


def show_name(name: Name) -> str:
    shown, address = name
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>' if shown else address


def encode_name(name: Name) -> str:
    return show_name(name) if name[0].isascii() else f"{encode(name[0])} <{name[1]}>"


def encode(text: str) -> str:
    """A header's value as RFC 2047 has it, folded where it is long."""
    if text.isascii() and len(text) < 60 and "\n" not in text:
        return text
    return (
        Header(text, "utf-8", maxlinelen=70).encode(linesep="\r\n") if not text.isascii() else text.replace("\n", " ")
    )


def write_part(text: str, *, kind: str) -> list[str]:
    head = f'Content-Type: text/{kind}; charset="utf-8"'
    if text.isascii() and all(len(line) < 900 for line in text.split("\n")):
        return [head, "Content-Transfer-Encoding: 7bit", "", *text.split("\n")]
    coded = base64.b64encode(text.encode()).decode()
    return [head, "Content-Transfer-Encoding: base64", "", *(coded[at : at + 76] for at in range(0, len(coded), 76))]


def show_html(mail: Mail) -> str:
    """The body as a reader's window would show it."""
    return mail.html or "".join(f"<div>{escape(line) or '<br>'}</div>" for line in mail.text.split("\n"))


def snippet(mail: Mail) -> str:
    """The first letters of the text, HTML-escaped, as lists show them."""
    return escape(" ".join(mail.text[:1000].split())[:180], quote=False)
