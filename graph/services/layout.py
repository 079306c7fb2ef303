"""Served: importance, communities and places of both views, worked out once per layout epoch, never at a read.

An epoch stands while the graph has drifted little: while the shares of importance by today's ties differ by at most `MOST_DRIFT` from
those of the epoch (newcomers' whole shares among them), and for a day at most once anything differs. Meanwhile nothing that has a place
moves, changes colour or importance, and when nothing changed nothing is written. A newcomer waits for the next epoch with importance 0:
an entity beside its strongest neighbour, where it was put when it was related, a memory likewise at its own time. A new epoch begins from
where everything stood and keeps the numbers of communities, so that the picture stays the one the person knows.

The one who tells the person's notes is tied to nearly everything, so they stand in the middle and take no part in the rest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from graph.analysis.communities import find_communities, number_communities
from graph.analysis.drawing import draw
from graph.analysis.importance import measure_drift, rank
from graph.analysis.network import Array, Network, count_components, make_network
from graph.analysis.timeline import draw_timeline, place_newcomers
from graph.models import Layout
from graph.questions import read_edges
from graph.services.bodies import store_bodies
from graph.services.gazetteer import hand_down_names
from graph.services.locks import lock_user

MOST_DRIFT = 0.02  # what about one new tie in twenty comes to (1.4 to 3.2 % were measured on two lives)
LONGEST_EPOCH = timedelta(days=1)
NODE = np.dtype(
    [("id", "i8"), ("teller", "?"), ("day", "f8"), ("importance", "f8"), ("community", "i8"), ("x", "f8"), ("y", "f8")]
)
READ = {
    "entities": "SELECT id, teller, 0, importance, community, x, y FROM graph_entities WHERE user_id = %s AND shown ORDER BY id",
    "memories": "SELECT m.id, false, m.occurred_on - date '1970-01-01', coalesce(p.importance, 0), coalesce(p.community, 0), p.x, p.y"
    " FROM memories_memory m LEFT JOIN graph_memory_places p ON p.user_id = m.user_id AND p.memory_id = m.id"
    " WHERE m.user_id = %s ORDER BY m.id",
}
PLACES = "unnest(%s::bigint[], %s::float[], %s::int[], %s::float[], %s::float[]) AS p(id, importance, community, x, y)"
WRITE = {
    "entities": "UPDATE graph_entities e SET importance = p.importance, community = p.community, x = p.x, y = p.y"  # noqa: S608
    f" FROM {PLACES} WHERE e.user_id = %s AND e.id = p.id"
    " AND (e.importance, e.community, e.x, e.y) IS DISTINCT FROM (p.importance, p.community, p.x, p.y)",
    "memories": "INSERT INTO graph_memory_places AS e (user_id, memory_id, importance, community, x, y)"  # noqa: S608
    f" SELECT m.user_id, m.id, p.importance, p.community, p.x, p.y FROM {PLACES}"
    " JOIN memories_memory m ON m.user_id = %s AND m.id = p.id ORDER BY m.id"
    " ON CONFLICT (user_id, memory_id) DO UPDATE SET importance = excluded.importance, community = excluded.community,"
    " x = excluded.x, y = excluded.y"
    " WHERE (e.importance, e.community, e.x, e.y) IS DISTINCT FROM (excluded.importance, excluded.community, excluded.x, excluded.y)",
}


@dataclass(frozen=True, slots=True)
class Places:
    """What a layout says of nodes, an array each; `points` has a row (x, y) a node."""

    ids: Array
    importance: Array
    community: Array
    points: Array


@dataclass(frozen=True, slots=True)
class Standing:
    """A view of the graph and the layout that stands: row i of `nodes` is node i of `network`. Importance 0: no layout has ranked it."""

    view: str
    nodes: Array
    network: Network

    def leave_out_teller(self) -> "Standing":
        tellers = np.flatnonzero(self.nodes["teller"])
        if not len(tellers):
            return self
        rest = self.network.without(int(tellers[0]))
        return Standing(view=self.view, nodes=np.delete(self.nodes, tellers[:1]), network=rest)

    def has_teller_aside(self) -> bool:
        """Whether there is a teller who does not stand in the middle yet."""
        teller = self.nodes[self.nodes["teller"]]
        return bool(((teller["importance"] != 1) | (teller["x"] != 0) | (teller["y"] != 0)).any())

    @property
    def points(self) -> Array:
        """Where the nodes stand, NaN for those without a place."""
        return np.stack([self.nodes["x"], self.nodes["y"]], axis=-1)

    @property
    def ranked(self) -> Array:
        """Which nodes the layout has ranked."""
        result: Array = self.nodes["importance"] > 0
        return result


def lay_out(*, user_id: int, now: datetime | None = None) -> None:
    """Bring the layout of both views up to date. Only reading and writing touch the database, the work is between them."""
    at = now or timezone.now()
    epochs = dict(Layout.objects.filter(user_id=user_id).values_list("view", "computed_at"))
    for view in READ:
        lay_out_view(user_id=user_id, view=view, begun=epochs.get(view), now=at)
    store_bodies(user_id=user_id)
    hand_down_names(user_id=user_id)


def lay_out_view(*, user_id: int, view: str, begun: datetime | None, now: datetime) -> None:
    """Begin a new epoch of a view where one is due, else place newcomers among what stands."""
    whole = read_standing(user_id=user_id, view=view)
    standing = whole.leave_out_teller()
    importance = rank(standing.network)
    drift = measure_drift(before=standing.nodes["importance"], now=importance)
    if is_due(drift=drift, begun=begun, now=now) or whole.has_teller_aside():
        places = add_teller(compute_places(standing, importance=importance), whole=whole)
        write_epoch(user_id=user_id, whole=whole, places=places, now=now)
    elif view == "memories" and np.isnan(standing.nodes["x"]).any():
        with transaction.atomic():
            lock_user(user_id)
            write_places(user_id=user_id, view=view, places=find_places_for_newcomers(standing))


def is_due(*, drift: float, begun: datetime | None, now: datetime) -> bool:
    """Whether a new epoch begins."""
    if begun is None:
        return True
    return drift > MOST_DRIFT or (drift > 0 and now - begun > LONGEST_EPOCH)


def read_standing(*, user_id: int, view: str) -> Standing:
    """The view's nodes and the ties or relationships between them."""
    with connection.cursor() as cursor:
        cursor.execute(READ[view], [user_id])
        nodes = np.array(cursor.fetchall(), dtype=NODE)
    edges = read_edges(user_id=user_id, view=view)
    network = make_network(ids=nodes["id"], sources=edges["source"], targets=edges["target"], weights=edges["weight"])
    return Standing(view=view, nodes=nodes, network=network)


def compute_places(standing: Standing, *, importance: Array) -> Places:
    """A place for every node; the same for the same graph and layout before."""
    before = [
        int(one) if ranked else None for one, ranked in zip(standing.nodes["community"], standing.ranked, strict=True)
    ]
    community = number_communities(find_communities(standing.network), before=before)
    stood = np.where(standing.ranked[:, None], standing.points, np.nan)
    if standing.view == "memories":
        points = draw_timeline(standing.network, days=standing.nodes["day"], community=community, before=stood)
    else:
        points = draw(standing.network, importance=importance, community=community, before=stood)
    return Places(ids=standing.network.ids, importance=importance, community=community, points=points)


def add_teller(places: Places, *, whole: Standing) -> Places:
    """The same and the teller, who comes first, in the middle."""
    teller = whole.nodes["id"][whole.nodes["teller"]][:1]
    return Places(
        ids=np.append(places.ids, teller),
        importance=np.append(places.importance, np.ones(len(teller))),
        community=np.append(places.community, np.zeros(len(teller), dtype=np.int64)),
        points=np.append(places.points, np.zeros((len(teller), 2)), axis=0),
    )


def find_places_for_newcomers(standing: Standing) -> Places:
    """Places of the memories that have none yet."""
    nodes = standing.nodes
    community, points = place_newcomers(
        standing.network, days=nodes["day"], community=nodes["community"], before=standing.points
    )
    new = np.isnan(nodes["x"])
    return Places(ids=nodes["id"][new], importance=np.zeros(int(new.sum())), community=community, points=points)


def write_epoch(*, user_id: int, whole: Standing, places: Places, now: datetime) -> None:
    """Write what differs, and what the epoch says of the view as a whole."""
    components, largest = count_components(whole.network)
    with transaction.atomic():
        lock_user(user_id)
        write_places(user_id=user_id, view=whole.view, places=places)
        Layout.objects.update_or_create(
            user_id=user_id,
            view=whole.view,
            defaults={
                "components": components,
                "largest": largest,
                "communities": len(np.unique(places.community)),
                "computed_at": now,
            },
        )


def write_places(*, user_id: int, view: str, places: Places) -> None:
    """Write the rows that differ, no other."""
    columns = (places.ids, places.importance, places.community, places.points[:, 0], places.points[:, 1])
    with connection.cursor() as cursor:
        cursor.execute(WRITE[view], [*(column.tolist() for column in columns), user_id])
