"""The stand-in's management answers against schemas of Nango's published API.

Written by hand from https://github.com/NangoHQ/nango, docs/spec.yaml (paths /connect/sessions, /connections,
/connections/{connectionId}) and https://nango.dev/docs/reference/api: the fields that are used here, with the types told there.
`tags` came with a later version than that file; they are as the reference describes them.
"""

import pytest
from jsonschema import Draft202012Validator

TEXT = {"type": "string"}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
OBJECT = {"type": "object"}
TAGS = {
    "type": "object",
    "additionalProperties": {"type": "string", "maxLength": 255},
    "propertyNames": {"pattern": "^[^A-Z]*$"},
}
ERRORS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "log_id"],
        "properties": {"type": {"enum": ["auth", "sync"]}, "log_id": TEXT},
    },
}


def whole(**properties):
    return {"type": "object", "required": list(properties), "properties": properties}


NAMED = {
    "id": {"type": "integer"},
    "connection_id": TEXT,
    "provider": TEXT,
    "provider_config_key": TEXT,
    "metadata": {"type": ["object", "null"]},
    "tags": TAGS,
    "errors": ERRORS,
    "end_user": {"type": ["object", "null"]},
}
CONNECTIONS = whole(connections={"type": "array", "minItems": 1, "items": whole(**NAMED, created=MOMENT)})
OAUTH2 = whole(type={"const": "OAUTH2"}, access_token=TEXT, expires_at=MOMENT, raw=OBJECT)
CONNECTION = whole(
    **NAMED, connection_config=OBJECT, created_at=MOMENT, updated_at=MOMENT, last_fetched_at=MOMENT, credentials=OAUTH2
)
SESSION = whole(
    data=whole(token=TEXT, connect_link={"type": "string", "pattern": "^http.*session_token="}, expires_at=MOMENT)
)
DELETED = {"type": "object", "required": ["success"], "properties": {"success": {"const": True}}}
ERROR = whole(
    error={
        "type": "object",
        "required": ["code"],
        "properties": {"code": TEXT, "message": TEXT, "errors": {"type": "array"}},
    }
)


def check(schema, value):
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(value)


def test_the_list_of_connections_holds(ask, connected):
    check(CONNECTIONS, ask("/connections").json)


@pytest.mark.parametrize(
    ("provider", "integration"), [("gmail", "google-mail"), ("zoho_mail", "zoho-mail"), ("dropbox", "dropbox")]
)
def test_a_connection_holds(ask, stand_in, provider, integration):
    stand_in.add_account(provider, "ada")
    nango_id = stand_in.connect(provider, "ada", tags={"End_User_Id": "7"})
    connection = ask(f"/connections/{nango_id}?provider_config_key={integration}").json
    check(CONNECTION, connection)
    assert connection["connection_config"] == ({"extension": "com"} if provider == "zoho_mail" else {})


def test_sessions_hold(ask, connected):
    check(SESSION, ask("/connect/sessions", method="POST", body={}).json)
    again = {"connection_id": connected, "integration_id": "google-mail"}
    check(SESSION, ask("/connect/sessions/reconnect", method="POST", body=again).json)


def test_a_deletion_holds(ask, connected):
    check(DELETED, ask(f"/connections/{connected}?provider_config_key=google-mail", method="DELETE").json)


@pytest.mark.parametrize(
    "path", ["/connections/1?provider_config_key=google-mail", "/connections/1", "/proxy/x", "/connect/nothing"]
)
def test_refusals_hold(ask, stand_in, path):
    check(ERROR, ask(path).json)
