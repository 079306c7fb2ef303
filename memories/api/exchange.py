"""Served: everything of a person out as a file, and files of memories in."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.http import FileResponse, QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from memories.api.base import PersonView
from memories.drafts import SOURCE_RULE, is_source
from memories.importers import IMPORTERS, ImporterError
from memories.importers.naming import UNTOLD, guess_suffix
from memories.services.export import spool_export
from memories.services.imports import ImportReport, import_path

FORMATS: Final = ("auto", *(importer.name for importer in IMPORTERS))
SAMPLE: Final = 65_536  # bytes that are looked at to tell what a file is
SENT_PIECE: Final = 65_536  # bytes
LONGEST_NAME: Final = 200  # bytes; file systems take 255
REASONS: Final = 20  # told where nothing could be read
# A large file takes a minute; whoever only reads finds a seat all the same (config/handler.py).
AT_ONCE: Final = BoundedSemaphore(max(1, settings.WEB_SEATS // 2))
YES: Final = frozenset({"true", "1", "yes", "on"})
NO: Final = frozenset({"false", "0", "no", "off", ""})


class BusyError(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Other files are being brought in just now. Try again in a moment."
    wait = 10  # seconds, as Retry-After


class AlwaysJson(DefaultContentNegotiation):
    """Whatever a client asks for, what goes wrong is told in JSON; and `?format=` is the file's, not that of the answer."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


# --- Out --------------------------------------------------------------------


class ExportView(PersonView):
    """All that is the person's, a record a line; POST it to `memories/import/`, here or elsewhere, and it is there again."""

    content_negotiation_class = AlwaysJson

    @extend_schema(responses={(200, "application/x-ndjson"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> FileResponse:
        # Written to its end before the first byte leaves: a stream may not hold a connection while somebody slow reads it.
        name = f"life-graph-{self.person.local_today(timezone.now())}.ndjson"
        file = spool_export(user=self.person)
        answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/x-ndjson")
        answer.block_size = SENT_PIECE
        return answer


# --- In ---------------------------------------------------------------------


class NdjsonParser(BaseParser):
    """A body that is the file itself; `name` stands in for the one it does not have."""

    media_type = "application/x-ndjson"
    name = "upload.ndjson"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> "DataAndFiles[Any, Any]":
        return DataAndFiles(QueryDict(), MultiValueDict({"file": [File(stream, name=self.name)]}))


class TextParser(NdjsonParser):
    media_type = "text/plain"
    name = "upload"


class SkipSerializer(serializers.Serializer[Any]):
    where = serializers.CharField(help_text="line, row, mail or file")
    reason = serializers.CharField()


class ReportSerializer(serializers.Serializer[ImportReport]):
    """What became of an upload."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    skipped = serializers.IntegerField(help_text="could not be read, each for its reason")
    erased = serializers.IntegerField(help_text="were erased before and are not brought back")
    skips = SkipSerializer(many=True, help_text="at most 1000 of them")
    records = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="of an export, what is no memory, by kind: how many were created, how many unchanged",
    )
    dry_run = serializers.BooleanField()


class UploadSerializer(serializers.Serializer[Any]):
    """An upload, for the API's description."""

    file = serializers.FileField()
    format = serializers.ChoiceField(choices=FORMATS, required=False)
    source: Any = serializers.SlugField(required=False, help_text="source of memories that name none")
    dry_run = serializers.BooleanField(required=False, help_text="store nothing, say what would happen")


OPTIONS: Final = [
    OpenApiParameter("format", OpenApiTypes.STR, enum=FORMATS, description="by name and content if it is not given"),
    OpenApiParameter("source", OpenApiTypes.STR, description="source of memories that name none"),
    OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="store nothing, say what would happen"),
]


@dataclass(frozen=True, slots=True)
class Options:
    """How an upload is to be read."""

    format: str
    source: str | None
    dry_run: bool


class ImportView(PersonView):
    """A file of memories, as the field `file` of a form or as the body itself; a bad line or row never stops the others."""

    parser_classes: Any = (MultiPartParser, NdjsonParser, TextParser)
    content_negotiation_class = AlwaysJson

    @extend_schema(
        parameters=OPTIONS,
        request={
            "multipart/form-data": UploadSerializer,
            "application/x-ndjson": OpenApiTypes.BINARY,
            "text/plain": OpenApiTypes.BINARY,
        },
        responses=ReportSerializer,
    )
    def post(self, request: Request) -> Response:
        form: Any = request.data
        options = read_options({**dict(form.items()), **request.query_params.dict()})
        file = find_file(request)
        if not AT_ONCE.acquire(blocking=False):
            raise BusyError
        try:
            report = self._import(file, options=options)
        finally:
            AT_ONCE.release()
        if not report.read:
            raise ValidationError({"file": list_reasons(report)})
        return Response(describe(report, dry_run=options.dry_run))

    def _import(self, file: "File[Any]", *, options: Options) -> ImportReport:
        with TemporaryDirectory(prefix="life-graph-import-") as folder:
            path = keep_file(file, folder=Path(folder))
            try:
                return import_path(
                    user=self.person,
                    path=path,
                    importer_name=options.format,
                    source=options.source,
                    dry_run=options.dry_run,
                    uploaded=True,
                )
            except ImporterError as error:
                raise ValidationError({"file": [str(error).replace(str(path), path.name)]}) from None


def read_options(given: Mapping[str, Any]) -> Options:
    """Raises ValidationError naming the field."""
    format_, source, dry = (str(given.get(name) or "") for name in ("format", "source", "dry_run"))
    if format_ and format_ not in FORMATS:
        raise ValidationError({"format": [f"{format_[:40]!r} is no known format; known are: {', '.join(FORMATS)}."]})
    if source and not is_source(source):
        raise ValidationError({"source": [f"{source[:40]!r} {SOURCE_RULE}."]})
    if dry.lower() not in YES | NO:
        raise ValidationError({"dry_run": [f"{dry[:40]!r} is neither true nor false."]})
    return Options(format=format_ or "auto", source=source or None, dry_run=dry.lower() in YES)


def find_file(request: Request) -> "File[Any]":
    """The one file of a request. Raises ValidationError."""
    files = request.FILES.getlist("file")
    if not files:
        raise ValidationError({"file": ["is missing"]})
    if len(files) > 1:
        raise ValidationError({"file": ["One file at a time, please."]})
    found: File[Any] = files[0]
    return found


def keep_file(file: "File[Any]", *, folder: Path) -> Path:
    """Write an upload where importers can read it, under its own name, for that says what it is and is the key of a note."""
    path = folder / _choose_name(file.name or "upload")
    with path.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    if path.suffix.lower() not in UNTOLD:
        return path
    with path.open("rb") as copy:
        suffix = guess_suffix(copy.read(SAMPLE))
    return path.rename(path.with_suffix(suffix))


def _choose_name(given: str) -> str:
    name = "".join(letter if letter.isprintable() else "_" for letter in Path(given).name)
    if not name or name.startswith(".") or len(name.encode(errors="replace")) > LONGEST_NAME:
        return f"upload{Path(given).suffix[:20]}"
    return name


def list_reasons(report: ImportReport) -> list[str]:
    """Why nothing could be read."""
    if not report.skipped:
        return ["It holds no memories."]
    reasons = [f"{skip.where}: {skip.reason}" for skip in report.skips[:REASONS]]
    return [*reasons, f"and {report.skipped - REASONS} more"] if report.skipped > REASONS else reasons


def describe(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    """The answer to an upload."""
    records: dict[str, dict[str, int]] = {}
    for (kind, outcome), count in report.records.items():
        records.setdefault(kind, {})[outcome] = count
    return {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "erased": report.erased,
        "skips": [{"where": skip.where, "reason": skip.reason} for skip in report.skips],
        "records": records,
        "dry_run": dry_run,
    }
