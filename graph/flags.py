"""What a person sees of the graph: phase 4 of the rollout."""

from typing import Any

from waffle import flag_is_active


def serves_precomputed_graph(request: Any) -> bool:
    """Whether this person's graph is read from the view; off, they get the small one of their latest memories."""
    return bool(flag_is_active(request, "serve_precomputed_graph"))
