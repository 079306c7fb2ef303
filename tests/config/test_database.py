"""The database as settings make it of an address."""

from django.conf import settings

from config.settings.base import complete_database  # noqa: TID251 -- it is what settings are made with


def test_what_an_address_says_of_its_own_is_kept_beside_what_holds_for_every_database():
    given = {"NAME": "life", "OPTIONS": {"sslmode": "require"}}
    made = complete_database(given)
    assert made["OPTIONS"]["sslmode"] == "require"
    assert made["OPTIONS"]["application_name"] == settings.DATABASES["default"]["OPTIONS"]["application_name"]
    assert (made["NAME"], made["DISABLE_SERVER_SIDE_CURSORS"]) == ("life", True)
