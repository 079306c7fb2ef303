"""Addresses that others call, under /webhooks/."""

from django.urls import path

from integrations.webhooks import receive

urlpatterns = [path("nango/", receive)]
