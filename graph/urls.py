"""REST paths of this app, under /api/v1/."""

from django.urls import path

from graph.api import entities, questions, views

urlpatterns = [
    path("graph/", views.GraphView.as_view()),
    path("graph/changes/", views.ChangesView.as_view()),
    path("graph/path/", questions.PathView.as_view()),
    path("graph/stats/", questions.StatsView.as_view()),
    path("graph/relationships/", views.RelationshipsView.as_view()),
    path("graph/relationships/<int:pk>/why/", views.WhyRelationshipView.as_view()),
    path("graph/ties/<int:pk>/why/", views.WhyTieView.as_view()),
    path("graph/ties/<int:a>-<int:b>/why/", views.WhyPairView.as_view()),
    path("graph/series/", views.SeriesView.as_view()),
    path("graph/suspicions/", views.SuspicionsView.as_view()),
    path("graph/entities/", views.EntitiesView.as_view()),
    path("graph/entities/<int:pk>/", entities.EntityView.as_view()),
    path("graph/entities/<int:pk>/merge/", entities.MergeView.as_view()),
    path("graph/entities/<int:pk>/split/", entities.SplitView.as_view()),
    path("graph/entities/<int:pk>/neighbours/", entities.NeighboursView.as_view()),
]
