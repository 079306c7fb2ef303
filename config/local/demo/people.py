"""Demo person: who is in this life, and under which names.

Everybody is made up. Mail addresses are under the reserved domain `.example` (RFC 2606).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "ACCOUNTS",
    "CAST",
    "DEMO_PERSON",
    "DemoPerson",
    "Person",
    "name_in_passing",
]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Whose life it is."""

    username: str
    display_name: str
    time_zone: str
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in this life.

    `forms` are the ways the person is written in running text with how often each is
    taken; the first address is the one in use. `sign` is how they end a mail.
    """

    name: str
    addresses: tuple[str, ...]
    forms: Mapping[str, int]
    sign: str
    header_names: tuple[str, ...] = field(default=())

    @property
    def address(self) -> str:
        """The address in use."""
        return self.addresses[0]

    @property
    def spellings(self) -> list[str]:
        """Every way the person is written, the full name first."""
        return list(dict.fromkeys([self.name, *self.header_names, *self.forms]))


DEMO_PERSON: Final = DemoPerson(
    username="demo",
    display_name="Nell Hartley",
    time_zone="Europe/London",
    address="nell.hartley@postbox.example",
)

ACCOUNTS: Final[Mapping[str, str]] = {
    "note": "",
    "gmail": "nell.hartley@postbox.example",
    "zoho_mail": "nell.hartley@larkfield.example",
    "gdrive": "nell.hartley@postbox.example",
    "dropbox": "nell.hartley@postbox.example",
}


def _person(name: str, addresses: str, forms: str, sign: str, headers: str = "") -> Person:
    """Read a compact row: forms are `text*weight`, parted by commas."""
    weighted = dict(part.strip().rsplit("*", 1) for part in forms.split(","))
    return Person(
        name=name,
        addresses=tuple(addresses.split()),
        forms={form: int(weight) for form, weight in weighted.items()},
        sign=sign,
        header_names=tuple(part.strip() for part in headers.split(",") if part),
    )


CAST: Final[Mapping[str, Person]] = {
    "me": _person(
        "Nell Hartley",
        "nell.hartley@postbox.example nell.hartley@larkfield.example",
        "Nell*9,Eleanor Hartley*1,Nellie*1",
        "Nell",
        "Nell Hartley,Eleanor Hartley",
    ),
    "dan": _person(
        "Daniel Moreau",
        "daniel.moreau@harbourmail.example",
        "Dan*16,Daniel*2,Danial*1",
        "D x",
        "Daniel Moreau,Dan Moreau",
    ),
    "mum": _person(
        "Margaret Hartley",
        "margaret.hartley@dalesnet.example",
        "Mum*1",
        "Mum xx",
        "Margaret Hartley,Maggie Hartley",
    ),
    "dad": _person(
        "Peter Hartley",
        "peter.hartley@dalesnet.example",
        "Dad*1",
        "Dad",
        "Peter Hartley",
    ),
    "james": _person(
        "James Hartley",
        "james.hartley@postbox.example",
        "James*9,Jamie*4,Jmaes*1",
        "J",
        "James Hartley,Jamie Hartley",
    ),
    "priya": _person(
        "Priya Hartley",
        "priya.hartley@harbourmail.example",
        "Priya*6,Pri*1",
        "Priya x",
        "Priya Hartley,Priya Nair",
    ),
    "rosie": _person("Rosie Hartley", "", "Rosie*1", "Rosie"),
    "dot": _person(
        "Dorothy Hartley",
        "dorothy.hartley@dalesnet.example",
        "Aunt Dorothy*5,Auntie Dot*3",
        "Your aunt Dorothy",
        "Dorothy Hartley,D. Hartley",
    ),
    "caro": _person(
        "Caroline Fisher",
        "caroline.fisher@postbox.example caro@fisherandfell.example",
        "Caro*7,Caroline*2,Caroline Fisher*2,Caz*1,Carolin*1",
        "C xx",
        "Caroline Fisher,Caro Fisher",
    ),
    "bellamy": _person(
        "Tom Bellamy",
        "tom.bellamy@harbourmail.example",
        "Tom Bellamy*4,Tom*3,Tommo*2,Tom B.*1",
        "Tommo",
        "Tom Bellamy",
    ),
    "okafor": _person(
        "Tom Okafor",
        "tom.okafor@larkfield.example",
        "Tom Okafor*5,Tom*3,Tom O.*1,T. Okafor*1",
        "Tom",
        "Tom Okafor,T. Okafor",
    ),
    "ruth": _person(
        "Ruth Abernathy",
        "ruth.abernathy@larkfield.example",
        "Ruth*7,Ruth Abernathy*3,Dr Abernathy*1,R. Abernathy*1",
        "Ruth",
        "Ruth Abernathy,Dr Ruth Abernathy",
    ),
    "sunita": _person(
        "Sunita Rao",
        "sunita.rao@larkfield.example",
        "Sunita*6,Sunita Rao*2,Sunny*2,Sunitha*1",
        "Sunita",
        "Sunita Rao",
    ),
    "gareth": _person(
        "Gareth Price",
        "gareth.price@avonvale.example",
        "Gareth Price*4,Gareth*4,Mr Price*1",
        "Kind regards,\nGareth Price",
        "Gareth Price",
    ),
    "crane": _person(
        "Elizabeth Crane",
        "elizabeth.crane@harbourmail.example",
        "Elizabeth*4,Elizabeth Crane*3,Mrs Crane*2,Liz Crane*1",
        "Elizabeth",
        "Elizabeth Crane,Liz Crane",
    ),
    "munro": _person(
        "Alasdair Munro",
        "alasdair.munro@fifemail.example",
        "Alasdair*4,Alasdair Munro*3,Mr Munro*1,Alastair*1",
        "Alasdair",
        "Alasdair Munro",
    ),
    "karen": _person(
        "Karen Doyle",
        "karen.doyle@harbourside-clinic.example",
        "Karen Doyle*4,Karen*4,K. Doyle*1",
        "Karen",
        "Karen Doyle",
    ),
    "fiona": _person(
        "Fiona Baird",
        "fiona.baird@leithphysio.example",
        "Fiona Baird*4,Fiona*4,Ms Baird*1",
        "Fiona",
        "Fiona Baird",
    ),
    "gladys": _person(
        "Gladys Pemberton",
        "gladys.pemberton@harbourmail.example",
        "Mrs Pemberton*6,Gladys Pemberton*2,Gladys*2,Mrs P.*1",
        "G. Pemberton",
        "Gladys Pemberton",
    ),
    "callum": _person(
        "Callum Reid",
        "callum.reid@fifemail.example",
        "Callum*6,Callum Reid*3,Cal*1,Calum*1",
        "Callum",
        "Callum Reid",
    ),
    "amara": _person(
        "Amara Osei",
        "amara.osei@postbox.example",
        "Amara*6,Amara Osei*3",
        "Amara x",
        "Amara Osei",
    ),
    "julia": _person(
        "Julia Novak",
        "julia.novak@postbox.example",
        "Julia*4,Jules*3,Julia Novak*2",
        "Jules",
        "Julia Novak",
    ),
    "oakes": _person(
        "Martin Oakes",
        "martin.oakes@avonside-choir.example",
        "Martin*5,Martin Oakes*3,Mr Oakes*1",
        "Martin",
        "Martin Oakes",
    ),
    "morag": _person(
        "Morag Galbraith",
        "morag.galbraith@seafield-singers.example",
        "Morag*5,Morag Galbraith*3",
        "Morag",
        "Morag Galbraith",
    ),
    "ben": _person(
        "Ben Hollis",
        "ben.hollis@harbourmail.example",
        "Ben*5,Ben Hollis*3",
        "Ben",
        "Ben Hollis",
    ),
    "gregor": _person(
        "Gregor Sinclair",
        "gregor@sinclairjoiners.example",
        "Gregor*5,Gregor Sinclair*3,Mr Sinclair*1",
        "Gregor",
        "Gregor Sinclair",
    ),
    "pike": _person(
        "Andrew Pike",
        "claims@beaconmutual.example",
        "Andrew Pike*3,Mr Pike*2",
        "Andrew Pike\nClaims Team, Beacon Mutual Insurance",
        "Andrew Pike,Beacon Mutual Claims",
    ),
    "lennox": _person(
        "Victoria Lennox",
        "v.lennox@lennoxandgray.example",
        "Victoria Lennox*4,Ms Lennox*2",
        "Victoria Lennox\nLennox & Gray, Solicitors",
        "Victoria Lennox",
    ),
    "hilary": _person(
        "Hilary Stone",
        "hilary.stone@stannestrust.example",
        "Hilary Stone*2,Hilary*3",
        "Hilary Stone\nSecretary to the Trustees",
        "Hilary Stone",
    ),
}


def name_in_passing(person: Person, *, rng: random.Random) -> str:
    """Pick one of the ways the person is written in running text."""
    return rng.choices(list(person.forms), weights=list(person.forms.values()))[0]
