"""The product's URLs, and what they are measured against."""

from django.urls import path

from benchmarks.reading.before import BeforeView, FixView, OneView
from config.urls import urlpatterns as product

urlpatterns = [
    path("api/v1/bench/one/", OneView.as_view()),
    path("api/v1/bench/before/", BeforeView.as_view()),
    path("api/v1/bench/fix/", FixView.as_view()),
    *product,
]
