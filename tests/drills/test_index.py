"""Every drill of one machine by its number, and where it is proved; the list cannot rot, for its tests are looked for."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRILLS = "tests/drills/"
SYNCS = "tests/journeys/test_syncs.py"
SYNC = "tests/integrations/services/test_sync.py"
TROUBLES = "tests/integrations/services/test_sync_troubles.py"
FAULTS = "tests/drills/test_provider_faults.py"

# On real servers, by `python -m tests.drills`: a module drill_NN_words.py each.
ON_SERVERS = {
    1: "kill -9 of workers at their work",
    2: "a task that kills its worker",
    3: "kill -9 of PostgreSQL during writes",
    4: "Redis dead or stopped while memories are written",
    5: "Redis restarted under busy workers",
    6: "FLUSHALL with everything queued",
    15: "200 people on max_connections = 20",
    16: "connections that leak",
    17: "flags flipped under load, messages of an older version",
    18: "a migration under load",
    19: "a clock that jumps",
    20: "a full disk",
    22: "beat twice",
    23: "a storm of webhooks",
    24: "restored from a dump",
}
IN_THE_SUITE = {
    7: ["tests/drills/test_wakeups.py::test_what_was_stored_by_a_process_that_died_before_it_woke_anybody_is_swept_up_once"],
    8: [
        "tests/drills/test_wakeups.py::test_a_wake_up_that_comes_twenty_times_at_once_is_one_run",
        "tests/drills/test_wakeups.py::test_twenty_wake_ups_for_one_graph_job_do_it_once",
        "tests/drills/test_wakeups.py::test_twenty_wake_ups_for_one_sync_read_and_store_everything_once",
    ],
    # 429 with Retry-After and without, 403, Zoho's 400: the wait is kept, costs no attempt, and nobody calls meanwhile.
    9: [
        f"{FAULTS}::test_however_a_provider_slows_us_down_it_costs_no_attempt_and_no_call_is_made_meanwhile",
        f"{SYNCS}::test_a_wait_that_the_provider_asks_for_is_kept_and_is_no_failure",
        f"{TROUBLES}::test_to_wait_as_told_uses_no_attempt",
        f"{TROUBLES}::test_after_a_day_of_nothing_but_waiting_the_run_fails",
    ],
    # 500, timeout, reset, truncated JSON, empty 200, at every call.
    10: [
        f"{FAULTS}::test_whichever_call_breaks_the_end_is_the_truth",
        f"{FAULTS}::test_what_stays_broken_is_tried_five_times_and_is_one_failure_until_it_works_again",
        f"{SYNCS}::test_the_end_is_the_truth",
        f"{TROUBLES}::test_a_transient_error_is_tried_five_times_and_then_one_failure",
    ],
    # Gmail's 404, Dropbox's 409 reset, Drive's bad token, as the stand-in says them.
    11: [
        f"{SYNCS}::test_the_end_is_the_truth",
        f"{SYNCS}::test_a_cursor_from_the_future_crashes_nothing_and_loses_nothing",
        f"{SYNC}::test_an_expired_cursor_lists_everything_once_more_in_the_same_run",
    ],
    # Repeated, reordered and overlapping pages, mail that arrives while paging; a rename told as deletion and arrival.
    12: [
        f"{SYNCS}::test_the_end_is_the_truth",
        f"{SYNC}::test_a_move_told_as_removal_and_arrival_deletes_nothing",
        "tests/integrations/providers/test_zoho_walk.py::test_whatever_shifts_between_pages_no_mail_that_stays_is_skipped",
    ],
    # 424 while access is renewed, for good, and a connection that is gone.
    13: [
        f"{SYNCS}::test_the_end_is_the_truth",
        f"{SYNCS}::test_access_that_is_gone_asks_once_and_goes_on_where_it_was",
        f"{TROUBLES}::test_access_that_is_gone_stops_the_syncs_with_one_failure",
        f"{TROUBLES}::test_access_that_cannot_be_renewed_is_looked_at_hourly_for_four_days",
    ],
    14: [
        f"{SYNCS}::test_a_worker_that_dies_after_every_chunk_or_page_loses_and_doubles_nothing",
        f"{SYNC}::test_a_worker_that_dies_at_any_call_loses_and_doubles_nothing",
    ],
    21: [
        "tests/drills/test_hostile.py::test_hostile_mails_are_read_or_put_aside_and_stop_nobody",
        "tests/drills/test_hostile.py::test_hostile_files_are_put_aside_with_a_reason_and_their_reader_alone_pays",
        "tests/drills/test_hostile.py::test_whatever_headers_a_mail_has_its_page_is_done",
        "tests/memories/content/test_documents.py::test_a_reader_has_a_gigabyte_and_no_more",
        "tests/memories/content/test_documents.py::test_a_reader_that_takes_too_long_is_ended",
        "tests/memories/content/test_mime.py::test_no_header_can_break_the_reading",
    ],
}  # fmt: skip
# The faults by which the storms play what the table names; each provider knows its own words for them.
STORMS = {
    9: {"429 with Retry-After", "429 without", "403 rateLimitExceeded", "403 userRateLimitExceeded", "400 throttled"},
    10: {"500", "timeout", "reset", "truncated", "half a page, as if whole", "empty 200"},
    11: {"cursor expires in the listing", "cursor expires later"},
    12: {"repeated page", "reordered page", "overlapping page", "arrivals while paging"},
    13: {"424 while access is renewed", "424 for good", "access not renewed today"},
}


@cache
def list_tests(path):
    return {node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_drill_has_a_place():
    assert sorted([*ON_SERVERS, *IN_THE_SUITE]) == list(range(1, 25))


@pytest.mark.parametrize("number", IN_THE_SUITE)
def test_a_drill_in_the_suite_has_the_tests_that_are_named(number):
    missing = [name for name in IN_THE_SUITE[number] if name.split("::")[1] not in list_tests(name.split("::")[0])]
    assert missing == []


@pytest.mark.parametrize("number", ON_SERVERS)
def test_a_drill_on_servers_has_one_module_with_a_title(number):
    [path] = (ROOT / DRILLS).glob(f"drill_{number:02}_*.py")
    names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert "TITLE" in names
    assert "run" in list_tests(path.relative_to(ROOT))


def test_the_storms_play_what_the_table_names():
    from benchmarks.syncs.faults import ANY, OF_PROVIDER

    played = {*ANY, *(name for faults in OF_PROVIDER.values() for name in faults)}
    assert set().union(*STORMS.values()) <= played
