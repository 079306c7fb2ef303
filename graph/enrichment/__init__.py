"""The nine layers, in order. A layer that is not in the list yet answers `disabled` and its columns are NULL."""

from graph.enrichment.base import LAYER_NAMES, Edge, Event, Finding, Layer, World
from graph.enrichment.causal import CausalLayer
from graph.enrichment.duplicate import DuplicateLayer

LAYERS: tuple[Layer, ...] = (CausalLayer(), DuplicateLayer())

__all__ = ["LAYERS", "LAYER_NAMES", "Edge", "Event", "Finding", "Layer", "World"]
