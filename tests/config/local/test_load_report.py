from collections import Counter

from config.local.load_report import Answer, LoadReport, percentile, write_table
from config.local.load_watch import Held

FINE = [Answer("memories", at=number / 10, seconds=number / 1000, status=200) for number in range(1, 101)]
BUDGETS = {"lifegraph-web": 8}


def build_report(answers: list[Answer], *, held: Held) -> LoadReport:
    return LoadReport(people=2, seconds=10.0, answers=answers, stored=[], held=held)


def test_percentiles_are_times_that_somebody_waited() -> None:
    figures = build_report(FINE, held=Held()).of("memories")
    assert (figures.p50, figures.p95, figures.p99, figures.most) == (50, 95, 99, 100)
    assert percentile([], share=0.5) == 0


def test_what_was_not_changed_is_no_error_and_a_missing_answer_is_one() -> None:
    answers = [Answer("graph", 0, 0.1, 304), Answer("graph", 0, 0.1, 0, "TimeoutError"), Answer("why", 0, 0.1, 404)]
    assert build_report(answers, held=Held()).errors == Counter({"TimeoutError": 1, "404": 1})


def test_looks_keep_the_most_of_each_and_of_all_together() -> None:
    held = Held()
    held.note([("lifegraph-web", 8, 0.0), ("", 1, 0.0)])
    held.note([("lifegraph-web", 6, 0.2), ("lifegraph-worker", 2, 1.5)])
    assert held.connections == Counter({"lifegraph-web": 8, "lifegraph-worker": 2, "": 1})
    assert (held.together, held.idle_in_transaction, held.idler) == (9, 1.5, "lifegraph-worker")


def test_a_load_within_its_budgets_has_no_fault() -> None:
    held = Held()
    held.note([("lifegraph-web", 8, 4.9)])
    assert build_report(FINE, held=held).find_faults(budgets=BUDGETS, together=17) == []


def test_each_fault_is_a_sentence() -> None:
    held = Held()
    held.note([("lifegraph-web", 9, 5.1), ("psql", 9, 0.0)])
    faults = build_report([Answer("search", 0, 0.1, 500)], held=held).find_faults(budgets=BUDGETS, together=17)
    assert faults == [
        "1 of 1 requests failed: 1 x 500.",
        "lifegraph-web held 9 connections, its budget is 8.",
        "All together held 18 connections, the budget is 17.",
        "A transaction of lifegraph-web idled for 5.1 s.",
    ]


def test_a_load_that_asked_nothing_proves_nothing() -> None:
    assert build_report([], held=Held()).find_faults(budgets={}, together=17) == ["Nothing was asked."]


def test_the_table_has_a_line_a_route_and_one_an_application() -> None:
    held = Held()
    held.note([("lifegraph-web", 3, 0.0)])
    table = "\n".join(write_table(build_report(FINE, held=held), budgets=BUDGETS, together=17))
    assert "memories              100       50       95       99      100  0" in table
    assert "lifegraph-web                3       8" in table
    assert "longest idle in transaction: 0.0 s" in table


def test_a_server_that_mostly_did_not_answer_who_looked_proves_nothing() -> None:
    faults = build_report(FINE, held=Held(looks=1, missed=3)).find_faults(budgets={}, together=17)
    assert faults == ["Connections were seen 1 times and not 3 times: nothing is known of them."]
