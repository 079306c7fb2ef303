"""Whatever can be switched is found in the admin."""

import re
from pathlib import Path

from django.conf import settings
from waffle.models import Switch

from config.switches import make_switches
from graph.enrichment.base import LAYER_NAMES
from integrations.providers import PROVIDERS
from memories.models import Flag


def test_migrate_leaves_a_row_for_each_in_the_state_it_has_without_one(db):
    assert set(Switch.objects.filter(active=settings.WAFFLE_SWITCH_DEFAULT).values_list("name", flat=True)) == set(
        settings.SWITCHES
    )
    assert list(Flag.objects.values_list("name", "everyone")) == [("serve_precomputed_graph", True)]


def test_what_an_operator_switched_stays_as_it_is(db):
    Switch.objects.filter(name="sync_gmail").update(active=False)
    Switch.objects.filter(name="sync_dropbox").delete()
    assert make_switches() == 1
    assert not Switch.objects.get(name="sync_gmail").active


def test_every_switch_that_code_asks_for_is_one_of_them():
    rooms = [settings.BASE_DIR / name for name in ("memories", "graph", "integrations", "config")]
    asked = {
        name
        for path in (path for room in rooms for path in Path(room).rglob("*.py"))
        for name in re.findall(r'is_switch_on\("(\w+)"\)', path.read_text())
    }
    asked |= {
        step[which] for step in settings.MEMORY_PIPELINE for which in ("switch", "backfill_switch") if which in step
    }
    asked |= {f"enrich_{name}" for name in LAYER_NAMES} | {f"sync_{slug}" for slug in PROVIDERS}
    assert asked <= set(settings.SWITCHES)


def test_where_all_is_off_the_flag_is_off_for_superusers_as_well(db, settings, rf, admin_user):
    settings.WAFFLE_FLAG_DEFAULT = False
    Flag.objects.all().delete()
    make_switches()
    request = rf.get("/")
    request.user = admin_user
    assert Flag.objects.get().everyone is False
    assert not Flag.objects.get().is_active(request)
