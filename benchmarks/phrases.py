"""Sentences of made-up notes: words by the hundred, put together by a small grammar. English enough for texts to be told apart."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np


def listed(text: str, *, at: str = " ") -> tuple[str, ...]:
    """The items of a list as one writes it."""
    return tuple(text.split(at))


PEOPLE = listed(
    "Agnes Aldo Amara Beatrix Bogdan Cecily Cormac Dagmar Desmond Edwin Elsbeth Farida Fergus Gwen Gustav Hanneke Harold"
    " Ingrid Isolde Jasper Joanna Kamal Kirsten Lionel Ludmila Magnus Mirjam Nadia Norbert Odette Oswald Petra Phineas"
    " Quentin Ramona Rufus Sabine Silas Tabitha Theodor Ursula Vernon Violet Wanda Wilfred Xenia Yusuf Zelda"
)
FAMILIES = listed(
    "Abbott Brandt Castell Dunmore Ekström Fairley Grantham Holloway Ibsen Jarvis Kestrel Lindqvist Marlowe Northcote"
    " Osborne Pemberton Quayle Rosetti Sandoval Thackeray Underwood Varga Whitlock Yardley Zimmer Birch Crowther Delgado"
)
PLACES = listed(
    "Ashcombe Bellfield Carrow Dunstead Elmhurst Farleigh Gorsey Harrowgate Inverlock Kelby Lowick Marsden Netherby"
    " Oakhanger Penrose Quarrendon Ravenscar Saltfleet Thornbury Upwell Vauxmoor Westerham Yarmley Zeal Blackwater"
    " Copperhill Driftwood Eastmere Foxhollow Greywell"
)
THINGS = listed(
    "kettle ladder violin ledger lantern bicycle greenhouse wardrobe telescope hammock saucepan mattress typewriter"
    " umbrella chimney gutter radiator bookcase mirror carpet hedge barrel compass pianola wheelbarrow teapot blanket"
    " curtain sideboard rucksack scarf waistcoat notebook postcard parcel envelope receipt map passport suitcase camera"
    " thermos flask basket lamp fuse tap pipe boiler stove oven freezer shelf drawer cupboard fence gate path lawn orchard"
    " plum pear quince marrow parsnip leek onion pumpkin cabbage beetroot marmalade chutney dumpling pudding omelette stew"
    " casserole sourdough pancake trifle sponge biscuit liquorice saxophone cello clarinet accordion trumpet drum metronome"
    " sonata madrigal overture rehearsal recital ferry tram motorway platform carriage timetable harbour lighthouse estuary"
    " meadow quarry viaduct towpath allotment vestry pavilion library museum gallery exhibition lecture seminar thesis"
    " essay proposal spreadsheet printer scanner keyboard monitor battery charger antenna satellite microscope beaker"
    " pigeon heron badger hedgehog otter magpie kestrel beetle caterpillar spaniel tabby pony goat hen tortoise"
)
ADJECTIVES = listed(
    "rusty crooked patient gloomy splendid narrow enormous borrowed forgotten second-hand crimson damp noisy delicate stubborn"
    " peculiar generous cautious dusty sturdy hollow velvet wooden copper foggy frosty tidy reluctant cheerful solemn"
    " brittle faded polished ancient modern clumsy graceful bitter salty smoky fragrant spotted striped tangled"
)
DEEDS = listed(
    "repaired painted borrowed carried polished measured photographed rearranged catalogued sketched rinsed unpacked weighed"
    " balanced rescued inspected admired returned misplaced mended hoisted dismantled oiled wrapped decorated sharpened"
    " scrubbed planted watered harvested translated copied rehearsed recorded postponed defended criticised forgave ignored"
    " praised interrupted described sorted labelled collected delivered exchanged"
)
TAILS = listed(
    at=";",
    text="before the rain set in;although nobody had asked;while the neighbours quarrelled;without a word of thanks;to everyone's"
    " surprise;and was tired afterwards;with more luck than skill;until the light went;in the teeth of the wind;for the sake"
    " of peace;as if nothing had happened;with a borrowed screwdriver;and thought of grandmother;on the way to the station;"
    "after a long argument;between two showers;over a pot of strong tea;in spite of the cold;with the wireless on;during the"
    " interval;as promised at Easter;under protest;and lost a glove doing it;without reading the instructions;by candlelight",
)
OPENINGS = listed(
    at=";",
    text="Slept badly;A slow morning;Grey skies all day;Up before the birds;Felt rather better;The post was late again;Frost on the"
    " windows;A restless night;Toothache still;Long walk after lunch;Wrote two letters;Nothing in the larder;Cleared my desk;"
    "Fell asleep in the armchair;Quarrelled with the landlord;Read until midnight;The bus never came;Bright and windy",
)
MONTHS = listed("January February March April May June July August September October November December")


T = TypeVar("T")


class Pen:
    """Writes sentences; all chance comes from the one generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.rng.integers(len(items)))]

    def number(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high))

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def person(self) -> str:
        return self.pick(PEOPLE) if self.chance(0.7) else f"{self.pick(PEOPLE)} {self.pick(FAMILIES)}"

    def thing(self) -> str:
        return f"{self.pick(ADJECTIVES)} {self.pick(THINGS)}" if self.chance(0.6) else self.pick(THINGS)

    def sentence(self) -> str:
        forms = (
            lambda: f"{self.person()} {self.pick(DEEDS)} the {self.thing()} {self.pick(TAILS)}.",
            lambda: f"I {self.pick(DEEDS)} the {self.thing()} with {self.person()} at {self.pick(PLACES)}.",
            lambda: (
                f"{self.pick(OPENINGS)}, {self.pick(DEEDS)} a {self.thing()} and the {self.thing()} {self.pick(TAILS)}."
            ),
            lambda: (
                f"Went over to {self.pick(PLACES)} for the {self.thing()}, which {self.person()} had {self.pick(DEEDS)}."
            ),
            lambda: (
                f"The {self.thing()} is {self.pick(ADJECTIVES)} again, {self.number(2, 60)} days after {self.person()} {self.pick(DEEDS)} it."
            ),
            lambda: (
                f"{self.pick(OPENINGS)}. {self.person()} telephoned about the {self.thing()} and the {self.pick(THINGS)}."
            ),
        )
        return self.pick(forms)()

    def note(self) -> str:
        return " ".join(self.sentence() for _ in range(self.number(1, 4)))
