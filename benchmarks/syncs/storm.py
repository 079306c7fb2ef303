"""One provider under one fault, from a first sync to one that has nothing left to do."""

from benchmarks.syncs.accounts import live_on, make_items
from benchmarks.syncs.faults import Fault, list_faults
from benchmarks.syncs.pace import make_person
from benchmarks.syncs.play import compare, connect, list_broken_waits, play_sync
from config.local.providers.client import StandIn

MORE = 5  # times as often as in the tests, which sync fewer items


def weather(stand_in: StandIn, provider: str, *, name: str, items: int) -> list[str]:
    """What is wrong at the end, in words."""
    stand_in.reset()
    user = make_person()
    connection, ids = connect(stand_in, provider, user=user, items=make_items(provider, count=items))
    faults = [thicken(fault) for fault in list_faults(provider)[name]]
    stand_in.plan(connection.nango_id, faults)
    play_sync(connection)
    wrong = [
        f"waited {gap:.2f} s only" for gap in list_broken_waits(stand_in, connection, seconds=1) if "Retry" in name
    ]
    if faults and not any(call["fault"] for call in stand_in.calls(connection.nango_id)):
        wrong.append("the fault never came")
    live_on(stand_in, provider, ids=ids, count=items)
    stand_in.plan(connection.nango_id, faults)
    play_sync(connection)
    stand_in.plan(connection.nango_id, [])
    play_sync(connection)
    wrong += compare(stand_in, connection)
    last = play_sync(connection).counts
    wrong += [f"{name} {last[name]} at rest" for name in ("created", "updated", "deleted") if last[name]]
    user.delete()
    return wrong


def thicken(fault: Fault) -> Fault:
    """The same fault more often, where it may come often."""
    return {**fault, "times": fault["times"] * MORE} if "every" in fault and "times" in fault else fault
