import pytest

from memories.content.html import html_to_text
from memories.content.tame import MAX_DEPTH


def test_blocks_become_lines_and_paragraphs_are_set_apart() -> None:
    assert html_to_text("<div>One</div><div>two<br>three</div><p>four</p><p>five</p>six") == (
        "One\ntwo\nthree\n\nfour\n\nfive\n\nsix"
    )


def test_an_empty_line_of_a_mail_program_stays_one() -> None:
    assert html_to_text("<div>One<br></div><div><br></div><div>two</div>") == "One\n\ntwo"


@pytest.mark.parametrize("text", ["One line", "One\n\n\ntwo", "a & b < c > d", "  indented"])
def test_a_text_whose_lines_are_parted_by_br_comes_back(text: str) -> None:
    written = text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
    assert html_to_text(f"<div>{written}</div>") == text.strip()


def test_items_of_lists_and_rows_of_tables_are_lines() -> None:
    assert html_to_text("<ul><li>oars<li><p>rope</p></ul>") == "- oars\n- rope"
    table = "<table><tr><th>who</th><th>what</th></tr><tr><td> Ana </td><td>oars</td></tr></table>"
    assert html_to_text(table) == "who\twhat\nAna\toars"


def test_of_a_link_the_words_are_kept_or_the_address_where_it_has_none() -> None:
    html = 'See <a href="https://example.org/long">the map</a>, <a href="https://example.org/a"></a>.'
    assert html_to_text(html) == "See the map, https://example.org/a ."


def test_a_picture_is_named_only_where_it_is_the_link() -> None:
    html = '<a href="https://x.example/1"><img alt="Our boat" src="b.png"></a><img alt="logo" src="l.png">'
    assert html_to_text(html) == "Our boat"


@pytest.mark.parametrize(
    "hidden",
    [
        "<style>p { color: red }</style>",
        "<script>alert('x')</script>",
        '<div style="display:none;max-height:0">Preheader</div>',
        '<p style="Visibility : hidden">x</p>',
        '<div style="max-height:0px;overflow:hidden">Preheader</div>',
        '<div style="HEIGHT: 0; overflow-y: hidden !important; padding: 0 0px">Preheader</div>',
        '<span style="opacity:0.0">Preheader</span>',
        '<div style="font-size:0px;line-height:0">Preheader <b>and <a href="https://x.example/">more</a></b></div>',
        '<p style="font:0/0 a">x</p>',
        '<div style="font-size:0"><span style="font-size:2em">x</span></div>',
        "<p hidden>x</p>",
        "<!-- a comment -->",
        '<img src="https://track.example/1.gif" width="1" height="1">',
        "<svg><text>x</text></svg>",
        "&zwnj;&#847;&shy;",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(hidden: str) -> None:
    assert (
        html_to_text(f"<html><head><title>T</title></head><body>{hidden}<p>Seen</p></body></html>").strip("\u200c\n")
        == "Seen"
    )


@pytest.mark.parametrize(
    "shown",
    [
        '<td style="font-size:0"><div style="font-size:14px">Seen</div></td>',
        '<td style="font-size:0"><p style="font:bold 14px/20px Arial"><b>Seen</b></p></td>',
        '<div style="font-size:0"><font size="2">Seen</font></div>',
        '<div style="font-size:0"><p class="text">Seen</p></div>',
        '<div style="font-size:0"><table><tr><td>Seen</td></tr></table></div>',
        '<div style="font-size:0"></div>Seen',
        '<div style="font-size:0"><a href="https://x.example/"><img alt="Seen"></a></div>',
        '<div style="font-size:0.9em;line-height:0;min-height:0;overflow:hidden">Seen</div>',
        '<a style="mso-hide:all" href="https://x.example/">Seen</a>',
        '<div style="max-height:0">Seen</div>',
        '<div style="height:0;overflow:hidden;padding-bottom:56%">Seen</div>',
        '<div style="opacity:0.5">Seen</div>',
        '<div style="opacity:0;-webkit-transform:translateY(20px)">Seen</div>',
    ],
)
def test_what_only_looks_hidden_is_read(shown: str) -> None:
    assert html_to_text(f"<body>{shown}</body>") == "Seen"


def test_gmails_quote_is_marked_and_who_wrote_it_is_not() -> None:
    html = (
        '<div>Yes!</div><div class="gmail_quote"><div class="gmail_attr">On Monday Ben wrote:<br></div>'
        '<blockquote class="gmail_quote"><div>Coming?</div><blockquote>Earlier</blockquote></blockquote></div>'
    )
    assert html_to_text(html) == "Yes!\nOn Monday Ben wrote:\n> Coming?\n> > Earlier"


def test_what_gmail_sent_on_is_no_quote() -> None:
    html = '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message</div><p>The news</p></div>'
    assert html_to_text(html) == "---------- Forwarded message\n\nThe news"


@pytest.mark.parametrize("name", ["gmail_quote", "zmail_extra", "yahoo_quoted"])
def test_a_box_without_a_blockquote_is_itself_the_quote(name: str) -> None:
    assert html_to_text(f'<p>Yes</p><div class="{name}"><div>Coming?</div></div>') == "Yes\n\n> Coming?"


@pytest.mark.parametrize(
    "mark", ['<div id="appendonsend"></div>', '<div style="border:none;border-top:solid #E1E1E1 1.0pt"></div>']
)
def test_outlooks_quote_lasts_to_the_end(mark: str) -> None:
    assert html_to_text(f"<div>Yes</div>{mark}<div>From: Ben</div><div>Coming?</div>") == "Yes\n> From: Ben\n> Coming?"
    assert html_to_text(f"{mark}<div>From: Ben</div>") == "From: Ben"


def test_preformatted_text_keeps_its_spaces() -> None:
    assert html_to_text("<pre>a\n  b\n\nc</pre>") == "a\n  b\n\nc"
    assert html_to_text('<div style="white-space: pre-wrap">a\n  b</div>') == "a\n  b"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "deep",
        "<span>" * 20_000 + "</x>" * 20_000 + "deep",
        "<p>" + "".join(f"<font id={number}>" for number in range(3_000)) + "<p>x</p>" * 3_000 + "deep",
        "<blockquote>" * 20_000 + "deep",
        "<ul><li>" * 5_000 + "deep",
        "<div " + " ".join(f"a{number}=1" for number in range(50_000)) + ">deep",
        "<table><td>" * 5_000 + "deep",
        "<a =\"<a ='" * 5_000 + "'\">deep",
        "<!--" * 200_000 + "-->deep",
        "<!--" + "--!" * 200_000 + "-->deep",
        "<div/>" * 50_000 + "deep",
        "<style>" * 200_000 + "</style>deep",
        "<a =\">" + "<div>" * 20_000 + "deep",
        "<style><a b=\"</style>" + "<div>" * 20_000 + "deep",
        "<script><!--<script></script><!--</script></script>" + "<div>" * 20_000 + "--></script>deep",
        "<svg><![CDATA[<!--]]></svg>" + "<div>" * 20_000 + "-->deep",
        "<!x <!-- >" + "<div>" * 20_000 + "-->deep",
        "<textarea><!--</textarea>" + "<div>" * 20_000 + "-->deep",
    ],
    ids=[
        "div", "stray end tags", "font", "quotes", "lists", "attributes", "tables", "half quotes", "comments", "ends of comments",
        "closed div", "styles", "a name with a quote", "a style with a quote", "script in script", "CDATA", "a comment in one",
        "a comment in a field",
    ],
)  # fmt: skip
def test_hostile_nesting_is_read_to_its_end(html: str) -> None:
    assert html_to_text(html).endswith("deep")


@pytest.mark.parametrize(
    "open_tags",
    [
        "<!--[if gte mso 9]><xml>" + '<w:LsdException Locked="false" Name="Normal"/>' * 376 + "</xml><![endif]-->",
        "<!--" + "<div>" * 376 + "-->",
        "<!--" + "<div>" * 376 + "--!>",
        "<!--><b></b>",
        "<svg>" + '<path d="M0 0"/>' * 376 + "</svg>",
        '<v:fill type="tile" />' * 376,
        "<div/>" * 376,
        "<style><!-- " + "<div>" * 376 + "</style>",
        "<script>'" + "<div>" * 376 + "'</script>",
        "<a href=https://example.org/>x</a><br>" * 376 + "<hr>",
    ],
    ids=["Word", "comment", "odd comment", "empty comment", "svg", "VML", "closed div", "style", "script", "slash"],
)
def test_tags_that_open_nothing_use_up_no_depth(open_tags: str) -> None:
    html = f'{open_tags}<div style="display:none">hidden</div>Yes<blockquote>Coming?</blockquote>'
    assert html_to_text(html).removeprefix("x\n" * 376).strip() == "Yes\n> Coming?"


def test_an_element_that_is_closed_where_it_opens_hides_nothing_behind_it() -> None:
    assert html_to_text('<title/><script src="x"/><p>One<o:p/> two') == "One two"


def test_elements_deeper_than_any_browser_shows_become_lines() -> None:
    html = "<div>a" * (MAX_DEPTH + 10)
    assert html_to_text(html).count("a") == MAX_DEPTH + 10


@pytest.mark.parametrize("html", ["", "<", "<p", "<!--", "<script>", "\x00", "\ud800", "<frameset><frame></frameset>"])
def test_nothing_is_read_where_nothing_is(html: str) -> None:
    assert html_to_text(html).strip("<") == ""
