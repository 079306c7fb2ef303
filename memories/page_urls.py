"""Pages of this app, outside the API."""

from django.urls import path

from memories import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("narrative/", views.narrative, name="narrative"),
    path("memories/", views.memories, name="memories"),
    path("memories/<int:pk>/", views.memory, name="memory"),
]
