"""The phases of the rollout as data, read top to bottom: what each switches on, and what has to hold before."""

from dataclasses import dataclass

from django.conf import settings

ALWAYS = ("migrations",)
WORKERS = ("beat", "connections", "backlog", "failures")


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the product that is switched on and off as a whole.

    `number` is None for what stands apart from the order. `guards` are names of `config.rollout.guards.GUARDS`.
    """

    number: int | None
    name: str
    sentence: str
    switches: tuple[str, ...] = ()
    flag: str = ""
    guards: tuple[str, ...] = ALWAYS

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.number} {self.name}"

    @property
    def gates(self) -> tuple[str, ...]:
        """What it flips; nothing where it is a matter of `migrate`."""
        return (*self.switches, self.flag) if self.flag else self.switches


PHASES = (
    Phase(
        number=1,
        name="schema",
        sentence="The tables, the view and its index are there; the code of before runs on them. manage.py migrate does it.",
        guards=(*ALWAYS, "view"),
    ),
    Phase(
        number=2,
        name="backfill",
        sentence="Old memories are let in, some of them each day.",
        switches=("backfill_entities",),
        guards=(*ALWAYS, *WORKERS),
    ),
    Phase(
        number=3,
        name="work",
        sentence="New memories are extracted, related and enriched by the nine layers, and the view is refreshed.",
        switches=(
            "extract_new_memories",
            "relate_memories",
            "enrich_relationships",
            *(f"enrich_{layer}" for layer in settings.LAYERS),
            "refresh_view",
        ),
        guards=(*ALWAYS, "view", *WORKERS),
    ),
    Phase(
        number=4,
        name="serve",
        sentence="People see the whole graph, read from the view; without it the one of their latest 50 memories.",
        flag="serve_precomputed_graph",
        guards=(*ALWAYS, "view", "freshness", *WORKERS),
    ),
    Phase(
        number=None,
        name="syncs",
        sentence="Mail and files are synced from the providers.",
        switches=("sync_providers", *(f"sync_{slug}" for slug in settings.NANGO_INTEGRATION_IDS)),
        guards=(*ALWAYS, *WORKERS),
    ),
)
IN_ORDER = tuple(phase for phase in PHASES if phase.number is not None)


def find_phase(word: str) -> Phase:
    """The phase of this number or name; raises KeyError, which names those there are."""
    for phase in PHASES:
        if word.lower() in (phase.name, str(phase.number)):
            return phase
    raise KeyError(f"There is no phase {word}; there are {', '.join(str(phase) for phase in PHASES)}.")
