"""Pages of this app, outside the API."""

from django.urls import path

from integrations import views

urlpatterns = [path("connections/", views.connections, name="connections")]
