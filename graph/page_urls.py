"""Pages of this app, outside the API."""

from django.urls import path

from graph import views

urlpatterns = [
    path("graph/", views.graph, name="graph"),
    path("graph/worker.js", views.worker),
]
