"""Arrive: a connection's mail and files, page by page, become memories.

Every page is read outside any transaction, its items by a few threads that never touch the database, and stored in short ones. The
cursor moves with the last of them, so what a worker leaves behind when it dies is a page that is read again, with its items known.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Final

from django.db import transaction
from django.utils import timezone

from integrations.errors import (
    AuthSuspect,
    ConnectionGone,
    ConnectionProblem,
    CursorExpired,
    NeedsReauth,
    ProviderUnavailable,
    RateLimited,
    Refused,
)
from integrations.flags import list_running_providers
from integrations.models import Connection, SyncRun
from integrations.nango import open_client
from integrations.providers import PROVIDERS
from integrations.providers.base import Cursor, Entry, Fetch, Page, Provider, ReadContext
from integrations.services.account import Replaced, identify_account
from integrations.services.decisions import stop_runs
from integrations.services.items import close_page, drop_failed, list_failed, list_unknown, store_read
from integrations.services.reading import (
    Gate,
    Read,
    Reading,
    Trouble,
    choose_error,
    concerns_all,
    describe_trouble,
    sort_outcomes,
)
from integrations.services.removal import Excess, find_excess, find_flood, hold_run, remove_missing
from integrations.services.runs import (
    Claim,
    LeaseLost,
    claim_run,
    fail_run,
    finish_run,
    lock_claimed_run,
    postpone_run,
    renew_lease,
    suspend_run,
    wait_for_provider,
    yield_run,
)
from memories.errors import TransientError, WorkBroke
from memories.pipeline import MAX_ATTEMPTS

CHUNK: Final = 50  # items that are stored together
THREADS: Final = 4  # calls at a time; providers count calls a minute, so more would only wait
SLICE_SECONDS: Final = 30.0  # with the page after so long the slice ends, and another connection has its turn
LONGEST_SLICE: Final = 240.0  # after so long no call is begun: a page whose items hang may not outlast the task
RENEW_SECONDS: Final = 30.0
FEW_FAILURES: Final = 3  # items of a page that may be put aside when they alone cannot be read,
FAILURES_SHARE: Final = 0.1  # or so large a part of it; more is the provider's trouble and not theirs
MAX_RESTARTS: Final = 3  # full listings that one slice begins


def sync_connection(*, connection_id: int) -> None:
    """Work on the connection's due run for a while, if there is one.

    Raises TransientError (the run is due again after its `delay`), WorkFailed (it has failed for good) and WorkBroke (something
    nobody foresaw; the run is due again).
    """
    provider = _find_provider(connection_id)
    with suppress(LeaseLost):  # the run was stopped, or another worker has it
        claim = claim_run(connection_id=connection_id) if provider else None
        if provider is not None and claim is not None:
            _take_turn(claim, provider=provider)


def _take_turn(claim: Claim, *, provider: Provider) -> None:
    try:
        _work(claim, provider=provider)
    except LeaseLost:
        raise
    except (RateLimited, ConnectionProblem, Refused, Replaced) as told:
        _settle(claim, told=told)
    except TransientError as error:
        error.delay = postpone_run(claim, base=provider.base_delay, reason=str(error))
        raise
    except Exception as error:
        reason = type(error).__qualname__  # never its message: a database quotes the row it refused
        postpone_run(claim, base=provider.base_delay, reason=f"something broke ({reason})")
        raise WorkBroke(reason) from error


def _find_provider(connection_id: int) -> Provider | None:
    """The provider of a connection that may be synced now."""
    row = Connection.objects.filter(pk=connection_id, state=Connection.State.ACTIVE).values_list("provider", flat=True)
    slug = row.first()
    return PROVIDERS[slug] if slug in list_running_providers() else None


def _settle(claim: Claim, *, told: Exception) -> None:
    """End or suspend the run for a reason that another attempt does not mend. May raise WorkFailed."""
    match told:
        case RateLimited():
            wait_for_provider(claim, seconds=told.seconds, reason=str(told))
        case Replaced():
            stop_runs(connection_id=claim.connection_id)
        case AuthSuspect():
            suspend_run(claim, error=str(told))
        case NeedsReauth():
            fail_run(claim, error=str(told), state=Connection.State.NEEDS_REAUTH, kind="auth")
        case ConnectionGone():
            fail_run(claim, error=str(told), state=Connection.State.GONE, kind="auth")
        case _:
            fail_run(claim, error=str(told), kind="permanent")


def _work(claim: Claim, *, provider: Provider) -> None:
    connection: Connection = Connection.objects.select_related("user").get(pk=claim.connection_id)
    ask = open_client().fetcher(provider=provider.slug, nango_id=connection.nango_id)
    fetch = Gate(ask, until=time.monotonic() + LONGEST_SLICE).fetch
    identify_account(connection, provider=provider, fetch=fetch)  # at every turn: access may have been given anew
    with ThreadPoolExecutor(THREADS, thread_name_prefix="read") as threads:
        Slice(claim=claim, connection=connection, provider=provider, fetch=fetch, threads=threads).work()


@dataclass(slots=True)
class Slice:
    """A while of one run, in one worker."""

    claim: Claim
    connection: Connection
    provider: Provider
    fetch: Fetch
    threads: ThreadPoolExecutor
    restarts: int = 0
    began: float = field(default_factory=time.monotonic)

    def work(self) -> None:
        """Read pages until there are no more, the slice is over or the run has to be held."""
        self._retry_failed()
        cursor = self.connection.cursor or self._begin()
        cursor = self._begin_sweep_when_due(cursor)
        page: Page | None = None
        while page is None or not self._ends_with(page):
            try:
                page = self.provider.read_page(cursor, fetch=self.fetch)
            except CursorExpired:
                cursor, page = self._restart(), None
                continue
            self._take_in(page)
            cursor = page.cursor

    def _ends_with(self, page: Page) -> bool:
        """Whether the slice is over with this page: the run is held, done, or has had its turn."""
        if self._is_held(find_flood(self._read_run())):
            return True
        if page.done:
            self._finish()
        elif time.monotonic() - self.began > SLICE_SECONDS:
            yield_run(self.claim)
        else:
            return False
        return True

    def _begin(self) -> Cursor:
        """Begin a full listing: whatever it does not show before it is complete is gone."""
        cursor = self.provider.begin(fetch=self.fetch)
        self._save_sweep(cursor)
        return cursor

    def _begin_sweep_when_due(self, cursor: Cursor) -> Cursor:
        run = self._read_run()
        if run.kind != "sweep" or run.pages:
            return cursor
        cursor = self.provider.begin_sweep(cursor, fetch=self.fetch)
        self._save_sweep(cursor)
        return cursor

    def _restart(self) -> Cursor:
        """The provider has forgotten where we were: list everything again, in the same run."""
        self.restarts += 1
        if self.restarts > MAX_RESTARTS:
            raise ProviderUnavailable("the provider keeps forgetting where we were")
        SyncRun.objects.filter(pk=self.claim.run_id, kind="changes").update(kind="resync")
        return self._begin()

    def _save_sweep(self, cursor: Cursor) -> None:
        """The number of the listing is raised with the cursor that begins it, or a crash would mix two listings."""
        with transaction.atomic():
            run = lock_claimed_run(self.claim)
            self.connection.sweep = run.connection.sweep + 1
            Connection.objects.filter(pk=run.connection_id).update(cursor=cursor, sweep=self.connection.sweep)

    def _take_in(self, page: Page) -> None:
        """Read and store what is new on a page, then close it. One item that cannot be read stops neither its neighbours nor, in the end, the page."""
        unknown = list_unknown(page, connection_id=self.connection.pk)
        shown = len({change.remote_id for change in page.changes if isinstance(change, Entry)})
        missing: list[str] = []
        troubles: list[Trouble] = []
        for read, found in self._read_ahead(unknown):
            self._store(read)
            missing += read.missing
            troubles += found
            if len(troubles) > max(FEW_FAILURES, shown * FAILURES_SHARE) or concerns_all(troubles):
                raise choose_error(troubles)
        if troubles:
            self._put_aside(troubles, patient=self._read_run().attempts < MAX_ATTEMPTS)
        known = shown - len(unknown)
        close_page(page, claim=self.claim, sweep=self.connection.sweep, missing=missing, unchanged=known)

    def _store(self, read: Read) -> None:
        if read.drafts or read.refused or read.failed:
            store_read(read, claim=self.claim, sweep=self.connection.sweep)

    def _read_ahead(self, entries: Sequence[Entry]) -> Iterator[tuple[Read, list[Trouble]]]:
        """Chunk by chunk; while one is being stored the next is being read."""
        context = ReadContext(account=self.connection.account, time_zone=self.connection.user.zone, now=timezone.now())
        read_entry = partial(self.provider.read_item, fetch=self.fetch, context=context)
        ahead: deque[Reading] = deque()
        try:
            for start in range(0, len(entries), CHUNK):
                ahead.append(
                    [(entry, self.threads.submit(read_entry, entry)) for entry in entries[start : start + CHUNK]]
                )
                if len(ahead) > 1:
                    yield self._gather(ahead[0])
                    ahead.popleft()
            while ahead:
                yield self._gather(ahead[0])
                ahead.popleft()
        finally:
            for _, future in chain.from_iterable(ahead):
                future.cancel()

    def _gather(self, reading: Reading) -> tuple[Read, list[Trouble]]:
        while wait([future for _, future in reading], timeout=RENEW_SECONDS).not_done:
            renew_lease(self.claim)
        return sort_outcomes(reading)

    def _put_aside(self, troubles: list[Trouble], *, patient: bool) -> None:
        """Go on without the items that alone could not be read; while we are `patient` they are worth another attempt."""
        if patient:
            raise choose_error(troubles)
        self._store(Read(failed=[(entry, describe_trouble(error)) for entry, error in troubles]))

    def _retry_failed(self) -> None:
        """Items put aside some time ago."""
        for entry in list_failed(connection_id=self.connection.pk):
            [(read, found)] = self._read_ahead([entry])
            if concerns_all(found):
                raise choose_error(found)
            self._store(read)
            drop_failed(connection_id=self.connection.pk, ids=read.missing)
            if found:
                self._put_aside(found, patient=False)

    def _finish(self) -> None:
        if self._is_held(find_excess(self._read_run())):
            return
        remove_missing(self.claim)
        finish_run(self.claim)

    def _is_held(self, excess: Excess | None) -> bool:
        if excess is not None:
            hold_run(self.claim, excess=excess)
        return excess is not None

    def _read_run(self) -> SyncRun:
        run: SyncRun = SyncRun.objects.select_related("connection").get(pk=self.claim.run_id)
        return run
