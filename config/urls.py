"""Every URL of the product, by app."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health
from config.accounts import ExitView
from config.dashboard import DashboardView
from config.metrics import metrics
from config.rollout.pages import rollout

handler500 = "config.requests.show_error"
urlpatterns = [
    path("api/v1/", include("graph.urls")),  # first, because it is asked most and patterns are tried in order
    path("api/v1/", include("memories.urls")),
    path("api/v1/", include("integrations.urls")),
    path("api/v1/dashboard/", DashboardView.as_view()),
    path("", include("memories.page_urls")),
    path("", include("graph.page_urls")),
    path("", include("integrations.page_urls")),
    path("webhooks/", include("integrations.hook_urls")),
    path("accounts/", include("config.accounts")),
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/logout/", ExitView.as_view()),
    path("admin/rollout/", admin.site.admin_view(rollout), name="rollout"),
    path("admin/", admin.site.urls),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
