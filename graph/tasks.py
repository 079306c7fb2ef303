"""Celery tasks of this app: load nothing, call one service."""

from celery import shared_task

from graph.services.layers import ask_for_whole_passes
from graph.services.refresh import refresh_stale, refresh_view
from graph.services.tidy import tidy_log
from graph.services.work import do_one, sweep_work
from memories.errors import TransientError
from memories.flags import is_switch_on
from memories.tasks import RowTask


@shared_task(base=RowTask, autoretry_for=(TransientError,), max_retries=4)
def do_graph_work() -> bool:
    """Do one job that is due."""
    return do_one()


@shared_task
def sweep_graph_work() -> int:
    """Wake a worker for each overdue job."""
    return sweep_work()


@shared_task(base=RowTask, autoretry_for=(TransientError,), max_retries=4)
def refresh_stale_view() -> bool:
    """Refresh the view if what changed since is much or old."""
    return refresh_stale() is not None


@shared_task(base=RowTask, autoretry_for=(TransientError,), max_retries=4)
def refresh_view_in_order() -> bool:
    """The nightly refresh."""
    return is_switch_on("refresh_view") and refresh_view() is not None


@shared_task
def pass_over_all_layers() -> int:
    """Ask for everybody's whole pass, each on its own turn."""
    return ask_for_whole_passes()


@shared_task
def tidy_dirty_log() -> int:
    """Forget what nobody needs any more of what changed."""
    return tidy_log()
