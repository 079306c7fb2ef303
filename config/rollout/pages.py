"""The rollout as a page of the admin: the phases with their guards, who flipped what, and the buttons for whoever may press them."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from config.models import Flip
from config.rollout.phases import PHASES, find_phase
from config.rollout.states import Word
from config.rollout.turn import Refused, advance_phase, describe_turn, read_status, roll_back

NEEDED = ("waffle.change_switch", "memories.change_flag")
FLIPS = 12


@require_http_methods(["GET", "HEAD", "POST"])
def rollout(request: HttpRequest) -> HttpResponse:
    """Show the phases; a POST turns one, then shows them again. Wrapped in `admin_view`, so only staff come here."""
    may_turn = request.user.has_perms(NEEDED)
    if request.method == "POST":
        if not may_turn:
            raise PermissionDenied
        turn(request)
        return HttpResponseRedirect(reverse("rollout"))
    statuses = read_status()
    context = {
        **admin.site.each_context(request),
        "title": "Rollout",
        "statuses": statuses,
        "is_any_on": any(status.phase.gates and status.state.word != Word.OFF for status in statuses),
        "may_turn": may_turn,
        "flips": Flip.objects.all()[:FLIPS],
        "sees_flips": request.user.has_perm("config.view_flip"),
    }
    return TemplateResponse(request, "admin/rollout.html", context)


def turn(request: HttpRequest) -> None:
    """Do what the form asks for, and say what came of it."""
    actions: dict[str, Callable[[HttpRequest], None]] = {"advance": advance, "rollback": roll}
    action = actions.get(request.POST.get("action", ""))
    if action is None:
        messages.error(request, "Nothing was asked for; nothing was flipped.")
        return
    try:
        action(request)
    except Refused as refusal:
        messages.error(request, " ".join([str(refusal), *(f"{guard.name}: {guard.says}" for guard in refusal.guards)]))
    except KeyError as unknown:
        messages.error(request, unknown.args[0])
    except OperationalError as error:
        messages.error(request, f"The database did not do it, nothing was flipped: {str(error).splitlines()[0]}")


def advance(request: HttpRequest) -> None:
    phase = find_phase(request.POST.get("phase", ""))
    share = read_share(request.POST.get("percent", ""))
    names = advance_phase(
        phase,
        by=request.user.get_username(),
        force="force" in request.POST,
        percent=share,
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, describe_turn(names, phases=[phase], active=True, share=share))


def read_share(text: str) -> Decimal | None:
    """The percentage of the form, None where the field is empty; raises Refused for what is no number."""
    try:
        share = Decimal(text.strip()) if text.strip() else None
    except InvalidOperation:
        raise Refused(f"'{text[:20]}' is not a percentage.") from None
    if share is not None and not share.is_finite():
        raise Refused(f"'{text[:20]}' is not a percentage.")
    return share


def roll(request: HttpRequest) -> None:
    word = request.POST.get("phase", "")
    phases = list(PHASES) if word == "all" else [find_phase(word)]
    names = roll_back(phases, by=request.user.get_username(), reason=request.POST.get("reason", ""))
    messages.success(request, describe_turn(names, phases=phases, active=False))
