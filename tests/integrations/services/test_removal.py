"""A run that would do too much waits for its person."""

import pytest

from integrations.errors import Conflict, ItemRefused
from integrations.services import removal
from integrations.services.decisions import decide_run, pause_connection, start_sync
from integrations.services.sync import sync_connection
from memories.models import Memory
from memories.services.erase import erase_memories
from tests.fakes.syncs import list_texts, make_run_due, read_counts, run_sync, undo


def lose(shelf, count):
    shelf.take(*sorted(shelf.items)[:count])


def go_on(run):
    make_run_due()
    sync_connection(connection_id=run.connection_id)
    run.refresh_from_db()
    return run


def test_a_run_that_would_delete_more_than_a_fifth_and_twenty_waits(gmail, shelf):
    shelf.fill(100)
    run_sync(gmail)
    lose(shelf, 21)
    run = run_sync(gmail)
    assert (run.state, gmail.state) == ("held", "held")
    assert run.error == "would delete 21 of 100 memories"
    assert len(list_texts(gmail)) == 100


@pytest.mark.parametrize(("there", "lost"), [(100, 20), (20, 20), (300, 50)])
def test_few_rows_or_a_small_share_go_without_a_question(gmail, shelf, there, lost):
    shelf.fill(there)
    run_sync(gmail)
    lose(shelf, lost)
    assert read_counts(run_sync(gmail))["deleted"] == lost
    assert list_texts(gmail) == shelf.items


def test_a_listing_that_suddenly_shows_nothing_is_held_too(gmail, shelf):
    shelf.fill(60)
    run_sync(gmail)
    shelf.items, shelf.oldest = {}, 99
    shelf.journal = [shelf.path_removal("/nothing")] * 99
    assert run_sync(gmail).state == "held"
    assert Memory.objects.count() == 60


def test_a_held_run_deletes_when_its_person_says_so(gmail, shelf):
    shelf.fill(60)
    run_sync(gmail)
    lose(shelf, 30)
    run = run_sync(gmail)
    decide_run(run=run, accept=True)
    assert (go_on(run).state, run.deleted) == ("done", 30)
    assert list_texts(gmail) == shelf.items


def test_a_person_who_keeps_their_memories_is_not_asked_again(gmail, shelf):
    shelf.fill(60)
    run_sync(gmail)
    lose(shelf, 30)
    run = run_sync(gmail)
    decide_run(run=run, accept=False)
    gmail.refresh_from_db()
    assert (gmail.state, len(list_texts(gmail))) == ("active", 60)
    shelf.oldest = 99
    shelf.journal += [shelf.path_removal("/nothing")] * 99
    assert run_sync(gmail).state == "done"
    assert len(list_texts(gmail)) == 60


def test_a_held_connection_is_synced_by_nobody(gmail, shelf):
    shelf.fill(60)
    run_sync(gmail)
    lose(shelf, 30)
    run_sync(gmail)
    with pytest.raises(Conflict, match="decision"):
        start_sync(connection=gmail)
    with pytest.raises(Conflict):
        pause_connection(connection=gmail)


def test_a_flood_after_the_first_import_is_held_with_what_came_so_far(gmail, shelf, monkeypatch):
    monkeypatch.setattr(removal, "FLOOD_ROWS", 30)
    shelf.fill(20)
    run_sync(gmail)
    shelf.put(**{f"n{number:03}": f"Flood {number}." for number in range(90)})
    run = run_sync(gmail)
    assert (run.state, run.created) == ("held", 40)
    undo(run)
    gmail.refresh_from_db()
    assert (gmail.state, len(list_texts(gmail))) == ("paused", 20)


def test_a_first_import_may_be_as_large_as_it_is(gmail, shelf, monkeypatch):
    monkeypatch.setattr(removal, "FLOOD_ROWS", 5)
    shelf.fill(40)
    assert run_sync(gmail).state == "done"


def test_who_agrees_to_some_deletions_is_asked_again_when_there_are_more(gmail, shelf):
    shelf.fill(100)
    run_sync(gmail)
    lose(shelf, 25)
    run = run_sync(gmail)
    lose(shelf, 75)
    decide_run(run=run, accept=True)
    assert (go_on(run).state, len(list_texts(gmail))) == ("held", 100)
    assert run.error == "would delete 100 of 100 memories"


def test_who_lets_a_flood_in_has_not_agreed_to_deletions(gmail, shelf, monkeypatch):
    monkeypatch.setattr(removal, "FLOOD_ROWS", 30)
    shelf.fill(50)
    run_sync(gmail)
    shelf.put(**{f"n{number:03}": f"Flood {number}." for number in range(60)})
    lose(shelf, 45)
    run = run_sync(gmail)
    assert run.held_for == "arrivals"
    decide_run(run=run, accept=True)
    assert (go_on(run).state, run.held_for, len(list_texts(gmail))) == ("held", "deletions", 110)


def test_who_refuses_a_flood_gets_no_more_of_it(gmail, shelf, monkeypatch):
    monkeypatch.setattr(removal, "FLOOD_ROWS", 30)
    shelf.fill(20)
    run_sync(gmail)
    shelf.put(**{f"n{number:03}": f"Flood {number}." for number in range(90)})
    decide_run(run=run_sync(gmail), accept=False)
    gmail.refresh_from_db()
    assert (gmail.state, len(list_texts(gmail))) == ("paused", 60)


def test_many_small_runs_may_not_do_what_a_large_one_may_not(gmail, shelf):
    shelf.fill(100)
    run_sync(gmail)
    for _ in range(2):
        lose(shelf, 10)
        assert run_sync(gmail).state == "done"
    lose(shelf, 10)
    assert run_sync(gmail).error == "would delete 10 of 80 memories, after 20 in the last days"


def test_what_its_person_agreed_to_is_not_counted_against_later_runs(gmail, shelf):
    shelf.fill(100)
    run_sync(gmail)
    lose(shelf, 40)
    run = run_sync(gmail)
    decide_run(run=run, accept=True)
    go_on(run)
    lose(shelf, 5)
    assert run_sync(gmail).state == "done"


def test_memories_whose_items_cannot_be_read_any_more_count_too(gmail, shelf):
    shelf.fill(60)
    run_sync(gmail)
    for remote_id in sorted(shelf.items)[:30]:
        shelf.put(**{remote_id: "Grew too large."})
        shelf.broken[remote_id] = ItemRefused("is larger than 25 MB")
    run_sync(gmail)
    lose(shelf, 30)
    assert run_sync(gmail).state == "held"


def test_memories_its_person_erased_are_no_part_of_the_whole(gmail, shelf, user):
    shelf.fill(100)
    run_sync(gmail)
    ids = Memory.objects.order_by("external_id").values_list("pk", flat=True)
    erase_memories(user=user, memory_ids=list(ids[:50]))
    shelf.take(*sorted(shelf.items)[50:75])
    assert run_sync(gmail).error == "would delete 25 of 50 memories"
