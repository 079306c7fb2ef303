"""Arrive: mails and files become readable text, whoever brings them (an importer, a provider). Pure: no Django, no Celery, no HTTP."""


class ContentError(ValueError):
    """Why a mail or a file cannot become a memory: a short reason that a person understands ("holds no text")."""
