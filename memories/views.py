"""Pages of this app: shells that the browser fills from the API."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from memories.models import Memory


@require_safe
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    return render(request, "memories/dashboard.html")


@require_safe
@login_required
def narrative(request: HttpRequest) -> HttpResponse:
    return render(request, "memories/narrative.html")


@require_safe
@login_required
def memories(request: HttpRequest) -> HttpResponse:
    most = settings.UPLOAD_MAX_SIZE // 1024**2
    return render(request, "memories/memories.html", {"most_megabytes": most})


@require_safe
@login_required
def memory(request: HttpRequest, pk: int) -> HttpResponse:
    """One memory; another user's is as absent as one that never was."""
    if not Memory.objects.filter(user_id=request.user.pk or 0, pk=pk).exists():
        raise Http404
    return render(request, "memories/memory.html", {"memory_id": str(pk)})
