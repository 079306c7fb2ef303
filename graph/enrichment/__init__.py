"""The nine layers, in the order of their bits."""

from graph.enrichment.base import (
    LAYER_NAMES,
    Edge,
    Entity,
    Event,
    Finding,
    Layer,
    Rule,
    Series,
    World,
    control_discoveries,
)
from graph.enrichment.causal import CausalLayer
from graph.enrichment.change import ChangeLayer
from graph.enrichment.cross_platform import CrossPlatformLayer
from graph.enrichment.duplicate import DuplicateLayer
from graph.enrichment.pattern import PatternLayer
from graph.enrichment.prediction import PredictionLayer
from graph.enrichment.root_cause import RootCauseLayer
from graph.enrichment.seasonal import SeasonalLayer
from graph.enrichment.temporal import TemporalLayer

LAYERS: tuple[Layer, ...] = (
    CausalLayer(),  # why the later memory is there: it answers, it was said so, or it usually follows
    TemporalLayer(),  # how something recurs, against the person's own writing days
    SeasonalLayer(),  # the months it belongs to
    PatternLayer(),  # what keeps coming together, or one after the other
    CrossPlatformLayer(),  # one event told on several platforms
    PredictionLayer(),  # what is expected next, and how often that came true
    RootCauseLayer(),  # where a chain of causes began
    ChangeLayer(),  # what changed and when
    DuplicateLayer(),  # the same text told twice
)
LAYERS_BY_NAME = {layer.name: layer for layer in LAYERS}

__all__ = [
    "LAYERS",
    "LAYERS_BY_NAME",
    "LAYER_NAMES",
    "Edge",
    "Entity",
    "Event",
    "Finding",
    "Layer",
    "Rule",
    "Series",
    "World",
    "control_discoveries",
]
