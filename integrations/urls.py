"""REST paths of this app, under /api/v1/."""

from django.urls import path

from integrations.api import actions, views

urlpatterns = [
    path("integrations/providers/", views.ProvidersView.as_view()),
    path("integrations/connections/", views.ConnectionsView.as_view()),
    path("integrations/connections/session/", actions.SessionView.as_view()),
    path("integrations/connections/<int:pk>/", actions.ConnectionView.as_view()),
    path("integrations/connections/<int:pk>/sync/", actions.SyncView.as_view()),
    path("integrations/connections/<int:pk>/pause/", actions.PauseView.as_view()),
    path("integrations/runs/", views.RunsView.as_view()),
    path("integrations/runs/<int:pk>/", views.RunView.as_view()),
    path("integrations/runs/<int:pk>/decision/", actions.DecisionView.as_view()),
    path("integrations/runs/<int:pk>/undo/", actions.UndoView.as_view()),
    path("integrations/failures/", views.FailuresView.as_view()),
]
