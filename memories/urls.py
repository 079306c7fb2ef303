"""REST paths of this app, under /api/v1/."""

from django.urls import path

from memories.api import views
from memories.api.exchange import ExportView, ImportView
from memories.api.tokens import TokenView

urlpatterns = [
    path("memories/", views.MemoriesView.as_view()),
    path("memories/export/", ExportView.as_view()),
    path("memories/import/", ImportView.as_view()),
    path("memories/<int:pk>/", views.MemoryView.as_view()),
    path("narrative/", views.NarrativeView.as_view()),
    path("search/", views.SearchView.as_view()),
    path("auth/token/", TokenView.as_view()),
]
