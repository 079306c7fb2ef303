"""The stand-in's management API: who may ask, what sessions and connections look like."""

import pytest


def test_without_a_key_nothing_is_said(ask, connected):
    assert ask("/connections", key="").code == "missing_auth_header"
    assert ask("/connections", key="wrong").status == 401


def test_the_key_that_lists_can_do_nothing_else(ask, stand_in, connected):
    assert ask("/connections", key=stand_in.list_key).status == 200
    path = f"/connections/{connected}?provider_config_key=google-mail"
    assert ask(path, key=stand_in.list_key).status == 403
    assert ask("/connect/sessions", method="POST", body={}, key=stand_in.list_key).status == 403


def test_a_session_gives_a_token_and_a_link_to_its_page(ask, stand_in):
    reply = ask(
        "/connect/sessions", method="POST", body={"tags": {"end_user_id": "7"}, "allowed_integrations": ["google-mail"]}
    )
    assert reply.status == 201
    assert reply.json["data"]["connect_link"] == f"{stand_in.url}/connect?session_token={reply.json['data']['token']}"


@pytest.mark.parametrize(
    "body",
    [
        {"allowed_integrations": ["nobody"]},
        {"tags": {"a": "x" * 256}},
        {"tags": {str(number): "x" for number in range(11)}},
        {"surprise": 1},
        [],
    ],
)
def test_a_session_that_nango_would_not_open_is_refused(ask, body):
    reply = ask("/connect/sessions", method="POST", body=body or ["no object"])
    assert (reply.status, reply.code) == (400, "invalid_body")


def test_connections_are_listed_by_tag_and_page(ask, stand_in, mailbox):
    ids = [stand_in.connect("gmail", mailbox, tags={"End_User_Id": str(number % 2)}) for number in range(4)]
    mine = ask("/connections?tags[end_user_id]=1").json["connections"]
    assert [row["connection_id"] for row in mine] == [ids[1], ids[3]]
    assert [row["connection_id"] for row in ask("/connections?limit=3&page=1").json["connections"]] == ids[3:]
    assert ask("/connections?page=two").code == "invalid_query_params"


def test_a_connection_is_found_with_its_own_integration_alone(ask, connected):
    assert ask(f"/connections/{connected}?provider_config_key=google-mail").json["tags"] == {"end_user_id": "7"}
    assert ask(f"/connections/{connected}?provider_config_key=dropbox").code == "not_found"
    assert ask(f"/connections/{connected}?provider_config_key=nobody").code == "unknown_provider_config"
    assert ask(f"/connections/{connected}").status == 400


def test_a_deleted_connection_is_gone_for_the_proxy_too(ask, through, connected):
    path = f"/connections/{connected}?provider_config_key=google-mail"
    assert ask(path, method="DELETE").json == {"success": True}
    assert ask(path, method="DELETE").status == 404
    assert (through("/profile").status, through("/profile").code) == (400, "server_error")


def test_planned_trouble_with_access_shows_at_the_connection(ask, stand_in, connected):
    stand_in.plan(connected, [{"kind": "refresh_exhausted", "match": "/connections/", "times": 2}])
    path = f"/connections/{connected}?provider_config_key=google-mail"
    assert [ask(path).status, ask(path).code] == [424, "invalid_credentials"]
    assert ask(path).status == 200


def test_the_first_connection_of_an_account_keeps_its_id_after_a_start(stand_in, connected, make_mails):
    stand_in.reset()
    stand_in.add_account("gmail", "ada@post.example", make_mails(5))
    assert stand_in.connect("gmail", "ada@post.example") == connected


def test_only_loopback_is_answered(ask, stand_in):
    assert ask("/connections", headers={"Host": "evil.example"}).status == 421
    assert ask("/_control/reset", method="POST", headers={"Content-Type": "text/plain"}).status == 415


def test_the_id_of_a_connection_that_is_gone_does_not_come_again(ask, stand_in, connected, mailbox):
    ask(f"/connections/{connected}?provider_config_key=google-mail", method="DELETE")
    assert stand_in.connect("gmail", mailbox) != connected
