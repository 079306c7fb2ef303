import time
from collections import Counter
from threading import Event, Thread

import pytest

from config.local.processes import wait_for
from config.seats import Seats


def test_no_more_sit_than_there_are_seats_and_all_are_free_in_the_end() -> None:
    seats, sitting, most = Seats(3), [], []

    def sit() -> None:
        for _ in range(20):
            with seats:
                sitting.append(None)
                most.append(len(sitting))
                time.sleep(0.0005)
                sitting.pop()

    threads = [Thread(target=sit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 160
    assert max(most) == 3
    assert seats.free == 3


def test_who_leaves_and_comes_back_at_once_does_not_pass_those_who_wait() -> None:
    seats, over, served = Seats(1), Event(), Counter[int]()

    def come_back(number: int) -> None:
        while not over.is_set():
            with seats:
                served[number] += 1
                sum(range(2_000))

    threads = [Thread(target=come_back, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert wait_for(lambda: len(served) == 4 and min(served.values()) >= 20, seconds=60)
    over.set()
    for thread in threads:
        thread.join()
    assert max(served.values()) < 5 * min(served.values())


def test_a_seat_is_free_again_after_an_error() -> None:
    seats = Seats(1)
    with pytest.raises(RuntimeError, match="broken"), seats:
        raise RuntimeError("broken")
    assert seats.free == 1
