from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memories.content import ContentError
from memories.content.event import event_to_text
from memories.content.mime import MAX_LINE, Mail, draft_mail, read_mail
from memories.drafts import MAX_CONTENT, MAX_METADATA_BYTES, MAX_PARTICIPANTS, MemoryDraft, Participant

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = "Hi Ben,\n\n> Coming?\n  Yes — with Zoë.\n\n\nFrom here on it rains.\n-- \nAna"


def make(text: str = TEXT, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    said = {
        "From": '"Ribeiro, Ana" <ana@example.org>',
        "To": "Ben Costa <ben@example.org>",
        "Subject": "Boat",
    } | headers
    for name, value in said.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def draft(raw: bytes, **given: Any) -> MemoryDraft:
    told: dict[str, Any] = {
        "source": "gmail", "account": "ana@example.org", "external_id": "18f", "thread_id": "18e",
        "received_at": None, "metadata": {}, "time_zone": ZoneInfo("UTC"), "now": NOW,
    }  # fmt: skip
    return draft_mail(raw, **(told | given))


def part(kind: str, text: str) -> str:
    return f"--b\nContent-Type: {kind}\n\n{text}\n"


def parts(*items: str, kind: str = "mixed") -> bytes:
    return f'Subject: s\nContent-Type: multipart/{kind}; boundary="b"\n\npreamble\n{"".join(items)}--b--\nepilogue'.encode()


def test_a_mail_tells_who_wrote_what_to_whom_and_when() -> None:
    mail = read_mail(
        make(Date="Tue, 3 Mar 2026 10:00:00 +0200", Message_ID="<1@x>", In_Reply_To="<0@x> (yours)").as_bytes()
    )
    assert mail == Mail(
        subject="Boat",
        sender=Participant("Ribeiro, Ana", "ana@example.org"),
        participants=(Participant("Ribeiro, Ana", "ana@example.org"), Participant("Ben Costa", "ben@example.org")),
        sent_at=datetime(2026, 3, 3, 8, tzinfo=UTC),
        message_id="<1@x>",
        in_reply_to="<0@x>",
        references=(),
        text=TEXT,
        attachments=(),
    )


@pytest.mark.parametrize("transfer", ["7bit", "8bit", "base64", "quoted-printable"])
def test_plain_text_comes_back_as_it_was_sent(transfer: str) -> None:
    text = TEXT.encode("ascii", "replace").decode() if transfer == "7bit" else TEXT
    mail = EmailMessage()
    mail.set_content(f"{text}\n\n \n", cte=transfer)
    assert read_mail(mail.as_bytes()).text == text
    assert read_mail(mail.as_bytes().replace(b"\n", b"\r\n")).text == text


def test_plain_text_is_preferred_to_html_where_it_says_something() -> None:
    assert (
        read_mail(parts(part("text/plain", "plain"), part("text/html", "<p>rich"), kind="alternative")).text == "plain"
    )
    assert read_mail(parts(part("text/plain", " \n"), part("text/html", "<p>rich"), kind="alternative")).text == "rich"


def test_texts_between_attachments_are_all_read() -> None:
    items = (part("text/plain", "one"), part("image/png; name=boat.png", "x"), part("text/html", "<b>two</b>"))
    mail = read_mail(parts(*items))
    assert (mail.text, mail.attachments) == ("one\ntwo", ("boat.png",))


def test_an_attachment_beside_the_richer_text_is_named_too() -> None:
    inner = 'Content-Type: multipart/mixed; boundary="c"\n\n--c\nContent-Type: text/html\n\n<p>x\n--c\n'
    inner += 'Content-Type: application/pdf\nContent-Disposition: attachment; filename="=?utf-8?q?Pl=C3=A4ne?=.pdf"\n\nx\n--c--\n'
    mail = read_mail(parts(part("text/plain", "x"), f"--b\n{inner}", kind="alternative"))
    assert (mail.text, mail.attachments) == ("x", ("Pläne.pdf",))


def test_a_text_file_that_is_attached_is_no_text_of_the_mail() -> None:
    mail = make("Look")
    mail.add_attachment("the list", filename="list.txt")
    assert (read_mail(mail.as_bytes()).text, read_mail(mail.as_bytes()).attachments) == ("Look", ("list.txt",))


@pytest.mark.parametrize(
    "head",
    ['Content-Type: text/plain; name="body.txt"', 'Content-Disposition: inline; filename="body.txt"'],
)
def test_a_body_that_carries_a_name_is_the_text_of_the_mail(head: str) -> None:
    mail = read_mail(f"Subject: s\n{head}\n\nSix?".encode())
    assert (mail.text, mail.attachments) == ("Six?", ())
    kind = head if "Type" in head else f"text/plain\n{head}"
    mail = read_mail(parts(part(kind.removeprefix("Content-Type: "), "Six?"), part("text/plain; name=a.txt", "list")))
    assert (mail.text, mail.attachments) == ("Six?", ("a.txt",))


def test_alternatives_that_carry_names_are_no_attachments() -> None:
    items = part("text/plain; name=body.txt", "plain"), part("text/html; name=body.html", "<p>rich")
    mail = read_mail(parts(*items, kind="alternative"))
    assert (mail.text, mail.attachments) == ("plain", ())


def test_lines_that_flow_are_joined_and_those_of_quotes_among_themselves() -> None:
    raw = b"Content-Type: text/plain; format=flowed\n\nOne \ntwo\n> old \n> lines\n>> older\n-- \nAna"
    assert read_mail(raw).text == "One two\n> old lines\n>> older\n-- \nAna"


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (b"Content-Type: text/plain; charset=no-such", "Zoë".encode(), "Zoë"),
        (b"Content-Type: text/plain; charset=us-ascii", "Zoë".encode(), "Zoë"),
        (b"Content-Type: text/plain; charset=utf-8", "Zoë".encode("cp1252"), "Zoë"),
        (b"Content-Type: text/plain; charset=iso-8859-1", "“Zoë”".encode("cp1252"), "“Zoë”"),
        (b"Content-Type: text/plain; charset=gb2312", "東京".encode("gb18030"), "東京"),
        (b"Content-Type: text/plain; charset=punycode", b"Zoe", "Zoe"),
        (b"Content-Type: text/plain; charset=hex", b"Zoe", "Zoe"),
        (b"Content-Type: text/plain; charset=\x00", b"Zoe", "Zoe"),
        (b"Content-Type: text", b"Zoe", "Zoe"),
        (b"Content-Type: multipart/mixed", b"Zoe", "Zoe"),
        (b"Content-Type: multipart/mixed; boundary=b", b"Zoe", "Zoe"),
        (b"Content-Transfer-Encoding: base64", b"Wm9\nl!", "Zoe"),
        (b"Content-Transfer-Encoding: base64", b"Wm9lIQ==\n____\nThe list", "Zoe!\nThe list"),
        (b"Content-Transfer-Encoding: BASE64 (as it was told)", b"Wm9l", "Zoe"),
        (b"Content-Transfer-Encoding: (a) (b) base64;", b"Wm9l", "Zoe"),
        (
            b"Content-Type: application/xhtml+xml",
            b"<html><head><title/></head><body><p>one<br/>two</p></body></html>",
            "one\ntwo",
        ),
        (
            b"Content-Type: text/enriched",
            b"<bold>One</bold>\n<color><param>red</param>two</color>\n\nth<<ree>",
            "One two\nth<ree>",
        ),
        (b"Content-Transfer-Encoding: base64", b"no base64 at all", "no base64 at all"),
        (b"Content-Transfer-Encoding: x-unknown", b"Zoe", "Zoe"),
        (b"Content-Transfer-Encoding: quoted-printable", b"Zo=C3=AB=\n=ZZ", "Zoë=ZZ"),
        (b"X: y", b"a\x00b", "ab"),
        (b"no header", b"Zoe", "no header\n\nZoe"),
        (b"Subject: s\nno header", b"Zoe", "no header\n\nZoe"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_read_all_the_same(head: bytes, body: bytes, text: str) -> None:
    assert read_mail(head + b"\n\n" + body).text == text


def test_halves_of_surrogate_pairs_are_left_out() -> None:
    assert read_mail(b"Content-Type: text/plain; charset=utf-7\n\na+2AA-b").text.replace("\ufffd", "").startswith("a")
    assert draft(b"Subject: a\xed\xa0\x80b\n\nx").title.encode()


@pytest.mark.parametrize(
    "header",
    [
        b"From: <@", b'To: "x" <', b"Message-ID: <", b'From: "a" <a@[b>', b"Subject: =?x?q?a?=", b"Subject: =?utf-8?b?!?=",
        b"Date: soon", b"Date: Tue, 3 Mar 99999 10:00:00", b"Date: Fri, 31 Dec 9999 23:59:59 -1200", b"To: " + b"(" * 100_000,
        b"References: " + b"<" * 100_000, b"Content-Type: a/b" + b";" * 100_000, b"Content-Disposition: x; filename*1*=a; filename*x*=b",
        b"Content-Type: text/plain; charset*=nul''%00", b"Content-Type: multipart/mixed; boundary*=utf-8''%C3%A9",
        b"Content-Disposition: x; filename*=raw_unicode_escape''%5Cud800", b"\xff: x", b": x", b"From", b"Cc: " + b"a:" * 50_000,
    ],
    ids=lambda header: repr(header[:24]),
)  # fmt: skip
def test_no_header_can_break_the_reading(header: bytes) -> None:
    made = draft(b"Subject: s\n" + header + b"\n\nhello")
    assert made.content.strip().endswith(("hello", "s"))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(
        ["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "X-Gmail-Labels"]
    ),
    value=st.binary(max_size=60),
)
def test_whatever_a_header_holds_a_memory_is_drafted(name: str, value: bytes) -> None:
    made = draft(b"Subject: s\n" + name.encode() + b": " + value.replace(b"\n", b"\n ") + b"\n\nhello\n")
    assert "\x00" not in made.title + made.author + made.content
    assert made.content.encode()


def test_names_are_decoded_after_the_addresses_are_parted() -> None:
    mail = read_mail(
        "From: =?utf-8?q?Costa=2C_Zo=C3=AB?= <z@x.org>\nTo: zo\xeb@x.org, undisclosed-recipients:;\n\nx".encode(
            "latin-1"
        )
    )
    assert mail.sender == Participant("Costa, Zoë", "z@x.org")
    assert mail.participants[1:] == (Participant("", "zoë@x.org"),)


def test_a_letter_cut_in_two_between_encoded_words_is_whole_again() -> None:
    assert read_mail(b"Subject: =?utf-8?b?4pi?=\n =?utf-8?b?og==?= ok\n\nx").subject == "☢ ok"


def test_the_sender_stands_first_and_nobody_stands_twice() -> None:
    raw = b"To: Ben <BEN@x.org>, Cleo <c@x.org>\nCc: ben@x.org\nFrom: Cleo <c@x.org>\n\nx"
    assert [who.name for who in read_mail(raw).participants] == ["Cleo", "Ben"]


def test_of_20000_recipients_as_many_are_kept_as_a_memory_may_have() -> None:
    people = ", ".join(f'"Person {number}" <p{number}@example.org>' for number in range(20_000))
    assert len(draft(f"From: a@x.org\nTo: {people}\n\nx".encode()).participants) == MAX_PARTICIPANTS


def test_a_date_without_a_zone_is_in_utc_and_one_that_is_missing_is_when_it_was_received() -> None:
    assert read_mail(b"Date: 3 Mar 2026 10:00:00\n\nx").sent_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    received = b"Received: from a by b; Tue, 3 Mar 2026 10:00:00 +0100\n\nx"
    assert read_mail(b"Date: soon\n" + received).sent_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert read_mail(b"Subject: s\n\nx").sent_at is None


@pytest.mark.parametrize("depth", [29, 2_000])
def test_parts_within_parts_end_somewhere(depth: int) -> None:
    heads = "".join(f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n' for level in range(depth))
    assert read_mail(f"Subject: s\n{heads}\ndeep".encode()).text == ("deep" if depth < 30 else "")


STUB = "Your mail program does not support HTML."


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        (STUB, "<p>We meet at the boat house on Friday at six, bring oars.", "We meet at the boat house on Friday at six, bring oars."),
        ("Online lesen: https://example.org/" + "x" * 300, "<p>" + "word " * 30, ("word " * 30).strip()),
        ("See you at six!", "<p>See you at <b>six</b>!<p>Ana Ribeiro", "See you at six!"),
        (STUB + " word" * 200, "<p>" + "rich " * 2_000, STUB + " word" * 200),
        ("The HTML of the page is ready, have a look.", "<p>The HTML of the page is ready", "The HTML of the page is ready, have a look."),
    ],
    ids=["no HTML", "five times", "the same", "long", "longer than the HTML"],
)  # fmt: skip
def test_a_plain_text_that_only_stands_for_the_html_is_passed_over(plain: str, html: str, text: str) -> None:
    related = f'--b\nContent-Type: multipart/related; boundary="c"\n\n--c\nContent-Type: text/html\n\n{html}\n--c--\n'
    for rich in (part("text/html", html), related):
        assert read_mail(parts(part("text/plain", plain), rich, kind="alternative")).text == text


def test_a_thousand_stubs_are_read_at_once() -> None:
    items = [part("text/plain", "a" + " " * 4_000)] * 990 + [part("text/html", "<p>rich text")]
    assert read_mail(parts(*items, kind="alternative")).text == "rich text"


INNER = "From: Zoe <z@x.org>\nDate: Tue, 3 Mar 2026 10:00:00 +0000\nSubject: Boat\nContent-Type: text/plain; name=a.txt\n\nSix?"
SENT_ON = "---------- Forwarded message ---------\nFrom: Zoe <z@x.org>\nDate: Tue, 3 Mar 2026 10:00:00 +0000\nSubject: Boat\n\nSix?"


@pytest.mark.parametrize(
    ("head", "inner"),
    [
        ("message/rfc822", INNER),
        ("message/rfc822", "\n" + INNER),
        ("message/rfc822\nContent-Transfer-Encoding: base64", b64encode(INNER.replace("\n", "\r\n").encode()).decode()),
    ],
    ids=["plain", "blank line", "base64"],
)
def test_a_mail_that_was_sent_on_whole_is_read_too(head: str, inner: str) -> None:
    assert read_mail(parts(part("text/plain", "Look:"), part(head, inner))).text == f"Look:\n{SENT_ON}"


def test_a_mail_that_was_attached_is_read_and_named() -> None:
    mail = make("Look:")
    inner = EmailMessage()
    inner["Subject"] = "Boat"
    inner.set_content("Six?")
    mail.add_attachment(inner, filename="boat.eml")
    read = read_mail(mail.as_bytes())
    assert read.text == "Look:\n---------- Forwarded message ---------\nSubject: Boat\n\nSix?"
    assert read.attachments == ("boat.eml",)


@pytest.mark.parametrize("depth", [5, 2_000])
def test_mails_within_mails_end_somewhere(depth: int) -> None:
    text = read_mail(("Subject: s\n" + "Content-Type: message/rfc822\n\n" * depth + "\ndeep").encode()).text
    assert text.endswith("deep") == (depth == 5)


EVENT = (
    'BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nDTSTART:19700101T000000\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nDTSTART;TZID="Europe/Lisbon"'
    ":20260303T180000\r\nSUMMARY;LANGUAGE=en:Boat\\, at\r\n  six\r\nLOCATION:Boat house\r\nBEGIN:VALARM\r\nDESCRIPTION:Beep\r\n"
    "END:VALARM\r\nDESCRIPTION:Bring oars\\nand rope\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Later\r\nEND:VEVENT\r\nEND:VCALENDAR"
)


def test_an_invitation_without_words_says_what_where_and_when() -> None:
    raw = b"Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n" + b64encode(EVENT.encode())
    told = "Boat, at six\nWhen: 2026-03-03 18:00\nWhere: Boat house\nBring oars\nand rope"
    assert read_mail(raw).text == told
    named = part("text/calendar; name=invite.ics", EVENT)
    assert (read_mail(parts(named)).text, read_mail(parts(named)).attachments) == (told, ("invite.ics",))
    assert read_mail(parts(part("text/plain", "Come!"), named)).text == "Come!"


@pytest.mark.parametrize("time", ["20260303", "20260303T180000Z", "soon"])
def test_an_event_starts_on_a_day_or_at_a_time(time: str) -> None:
    told = {"20260303": "2026-03-03", "20260303T180000Z": "2026-03-03 18:00 UTC"}.get(time, time)
    assert event_to_text(f"BEGIN:VEVENT\nDTSTART:{time}\nEND:VEVENT") == f"When: {told}"


@pytest.mark.parametrize(
    "text", ["", "BEGIN:VEVENT\n" * 50_000, 'DTSTART;"' * 50_000, "\n " * 50_000, "END:VEVENT\nSUMMARY:x"]
)
def test_a_calendar_without_an_event_says_nothing(text: str) -> None:
    assert event_to_text(text) == ""


def test_a_mail_of_nothing_but_boundaries_holds_no_text() -> None:
    with pytest.raises(ContentError, match="holds no text"):
        read_mail(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 100_000)


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"X: y\n\n \n", b"Content-Type: text/html\n\n<img src=x>"])
def test_a_mail_without_text_and_subject_is_refused(raw: bytes) -> None:
    with pytest.raises(ContentError, match="holds no text"):
        read_mail(raw)


def test_a_mail_without_text_says_its_subject() -> None:
    assert draft(b"Subject: See you at six\n\n").content == "See you at six"


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    content = draft(b"\n" + b"word \n" * 300_000).content
    assert len(content) <= MAX_CONTENT
    assert content.endswith("\n[Cut here: the text goes on]")


@pytest.mark.parametrize("letter", ["a", "a ", "On Monday "])
def test_an_endless_line_is_broken_and_loses_no_word(letter: str) -> None:
    line = letter * 20_000
    text = read_mail(f"Subject: s\n\n{line}".encode()).text
    assert max(map(len, text.split("\n"))) <= MAX_LINE
    assert text.replace("\n", " " if " " in letter else "").strip() == line.strip()


def test_a_draft_is_kept_under_the_account_and_the_providers_own_time() -> None:
    made = draft(make(Date="Tue, 3 Mar 1998 10:00:00 +0000").as_bytes(), received_at=NOW)
    assert (made.source, made.account, made.external_id, made.thread_id) == ("gmail", "ana@example.org", "18f", "18e")
    assert (made.occurred_at, made.author, made.title, made.content) == (NOW, "Ribeiro, Ana", "Boat", TEXT)


def test_a_mail_without_ids_is_known_by_its_message_id_else_by_its_bytes() -> None:
    raw = make(Message_ID="<1@x>", References="<0@x> <00@x>").as_bytes()
    made = draft(raw, external_id="", thread_id="")
    assert (made.external_id, made.thread_id, made.in_reply_to) == ("<1@x>", "<0@x>", "<00@x>")
    assert draft(b"Subject: s\n\nx", external_id="").external_id.startswith("sha256:")


def test_what_is_too_long_for_a_memory_is_cut_and_never_refused() -> None:
    long = "é" * 3_000
    head = f"From: {long} <a@x.org>\nSubject: {long}\nMessage-ID: {long}\nIn-Reply-To: <{long}>\n\nx"
    made = draft(
        head.encode(), thread_id=long, external_id=long, metadata={"labels": ["x" * 70_000], "a": "b\x00\ud800"}
    )
    assert len(made.title) == 500
    assert len(made.author) == 255
    assert made.metadata == {"a": "b"}
    assert len(str(made.metadata)) < MAX_METADATA_BYTES
