"""Extraction's vocabulary of what recurs and what has a season: noticed in every memory, never chosen among topics.

One line is one topic: its key, then other spellings. Spaces also match hyphens, an apostrophe may be missing,
a plural s may follow. How a spelling's capitals count differs by table; `noticing.py` does the looking.
"""

import re
from dataclasses import dataclass
from enum import Enum

from memories.extraction.lexicon import words_of


class Case(Enum):
    """What a capital means: nothing; that it is the feast; that it is somebody's name, save where a sentence begins."""

    ANY = "any"
    PROPER = "proper"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One spelling of the topic `key`."""

    key: str
    text: str
    case: Case

    @property
    def head(self) -> str:
        """What the first word begins with, up to its hyphen or apostrophe."""
        return head_of(self.text.split()[0])

    def compiled(self) -> re.Pattern[str]:
        """Matches the spelling from its first letter on, as whole words."""
        escaped = re.escape(self.text).replace(r"\ ", " ").replace(r"\-", "-")
        loose = re.sub("[ -]", "[ -]{1,2}", escaped).replace("'", "'?")
        end = r"(?![\w-])" if self.case is Case.PLAIN else r"(?!\w)"
        return re.compile(f"{loose}s?{end}", re.IGNORECASE)


ANY_CASE = """
lord's day
sabbath: sabbath day
shrove tuesday: shrovetide, shrove monday, shrove sunday, pancake day, pancake tuesday
ash wednesday
mothering sunday
palm sunday
maundy thursday: holy thursday
easter: easter day, easter sunday, easter monday, easter tuesday, easter eve, easter week, eastertide
ascension day: ascension thursday, ascensiontide
whitsun: whitsunday, whitsun day, whit sunday, whit monday, whitsun monday, whitsuntide, whitsun week
pentecost: pentecost sunday
trinity sunday
trinity monday
corpus christi day: feast of corpus christi
lammas: lammas day
michaelmas: michaelmas day, michaelmas eve, michaelmasse
all saints' day: all saints day, all hallows, allhallows, all hallows day, allhallowtide, hallowmas, hallowtide
all souls' day: all souls day
halloween: hallowe'en, all hallows' eve, all hallows eve, allhallows eve
martinmas: martinmas day
advent sunday: sunday in advent, sunday of advent
advent: advent calendar, advent wreath, advent candle, advent season
christmas eve: xmas eve
christmas: christmas day, christmasse, christmas time, christmastide, christmas tide, xmas, x-mas, xmas day, father christmas
boxing day
childermas: childermas day, holy innocents day, innocents' day
candlemas: candlemas day
twelfth night
lady day: ladyday, lady-day
midsummer: midsummer day, midsummer's day, midsummer eve, midsummer's eve
valentine's day: valentines day, valentine day, valentine's eve, valentine, valentine's
st patrick's day: paddy's day, st paddy's day, saint patrick's day
yule: yuletide
fast day
shabbat: shabbos, shabbes
passover: pesach, seder, seder night
rosh hashanah: rosh hashana, rosh hashona
yom kippur: day of atonement
sukkot: sukkoth, succot, succoth
simchat torah
hanukkah: chanukah, hanukah, chanukkah, channukah, hannukah
purim
shavuot: shavuoth
tisha b'av
tu b'shvat: tu bishvat
lag baomer: lag b'omer
bar mitzvah: bat mitzvah, bar mitzva, bat mitzva
ramadan: ramadhan, ramzan
eid: eid al-fitr, eid ul-fitr, eid al-adha, eid ul-adha, eid mubarak, bakrid
ashura
mawlid: milad un nabi, eid milad un nabi
laylat al-qadr
hajj
diwali: deepavali, divali, deepawali
navratri: navaratri
dussehra: dasara, dashain
durga puja
ganesh chaturthi
raksha bandhan: rakhi
janmashtami
makar sankranti
maha shivaratri: mahashivratri, shivratri
karva chauth
lohri
vaisakhi: baisakhi
gurpurab: guru nanak jayanti
hola mohalla
vesak: wesak, buddha's birthday, buddha day, buddha purnima
losar
songkran
chinese new year: lunar new year
qingming: tomb sweeping day
lantern festival
dragon boat festival
mid-autumn festival: moon festival
chuseok
seollal
nowruz: norooz, nowrooz, newroz
new year's eve: new years eve, hogmanay
new year's day: new years day
new year: new year's
burns night
mardi gras: fat tuesday
carnival
oktoberfest
walpurgis night
cinco de mayo
bastille day
anzac day
australia day
canada day
waitangi day
juneteenth
groundhog day
april fools' day: april fool's day, april fools, all fools' day
bank holiday
half-term: half term
independence day
thanksgiving: thanksgiving day
guy fawkes night: guy fawkes day, guy fawkes, bonfire night, gunpowder treason day, gunpowder plot day
mother's day: mothers day
father's day: fathers day
remembrance day: remembrance sunday, armistice day
coronation day
bartholomew fair: bartholomew faire, bartlemy fair
harvest festival: harvest home, harvest supper
day of the dead: día de los muertos, día de muertos, dia de los muertos
solstice: summer solstice, winter solstice
equinox: spring equinox, autumn equinox, vernal equinox, autumnal equinox
"""

CAPITAL_ONLY = """
good friday
holy week: passion week
low sunday
epiphany: three kings' day
twelfth night: twelfth day, twelfth eve
ascension day: ascension
advent
may day: mayday
lent
holi
eid
onam
pongal: thai pongal
tet
obon
golden week
labour day: labor day
memorial day
veterans day: veteran's day
presidents' day: president's day
columbus day
martin luther king day: mlk day
black friday
cyber monday
earth day
independence day: fourth of july
king's birthday
queen's birthday
"""

# Weather, nature and the family's days: with a capital inside a sentence they are names ("Snow", "Wedding").
PLAIN_WORDS = """
birthday: birth-day, bday
anniversary: anniversaries, wedding anniversary
wedding
funeral
christening: baptism
graduation
frost: frosty, froste, hoarfrost, hoar frost
snow: snowy, snowed, snowing, snowfall, snowstorm, snowflake, snowdrift, snowman, snowmen
ice: icy, black ice, icicle
hail: hailstone, hailstorm
sleet
blizzard
thaw
thunder: thunderstorm, thundery, thunderclap, thunder storm
lightning
storm: stormy, storme, tempest
gale
hurricane
typhoon
cyclone
tornado: tornadoes
monsoon
fog: foggy, fogge
mist: misty
flood: flooded, flooding
drought
heatwave: heat wave
cold snap: cold spell
wildfire
harvest: harvested, harvesting, harvest time
haymaking: hay making, hay harvest
lambing
blossom: cherry blossom, apple blossom
snowdrop
bluebell
daffodil
crocus: crocuses
conker
autumn leaves: fallen leaves
hay fever: hayfever
pollen: pollen count
sunburn: sunburnt, sunburned
mosquito: mosquitoes
wasp
full moon
eclipse
comet
meteor shower: shooting star
northern lights: aurora borealis
"""

# Not this topic with such a word directly before it ...
NOT_AFTER = {
    "lord's day": words_of("my her his"),
    "mother's day": words_of("my his her your our their"),
    "father's day": words_of("my his her your our their"),
    "sabbath": words_of("black"),
    "twelfth night": words_of("saw seen watched read"),
    "thanksgiving": words_of("of in with and"),
    "epiphany": words_of("an my his her own"),
    "ice": words_of("dry crushed with and on over some add put no of vanilla more as"),
    "hail": words_of("all to within"),
    "thaw": words_of("to will let and then can must should"),
    "storm": words_of("by perfect twitter"),
    "lightning": words_of("as"),
    "fog": words_of("brain mental"),
    "mist": words_of("red scotch"),
    "snow": words_of("john jon white"),
}
# ... or directly after it.
NOT_BEFORE = {
    "advent": words_of("of"),
    "midsummer": words_of("night nights"),
    "twelfth night": words_of("of"),
    "new year": words_of("group"),
    "lightning": words_of("talk talks cable port connector fast quick speed tour round rod rods"),
    "ice": words_of(
        "cream creams cube cubes lolly lollies box bucket tea coffee pack packs hockey rink maker bath baths water"
        " axe skating skates house houses breaker"
    ),
    "hail": words_of("mary a the to him her thee caesar fellow from"),
    "thaw": words_of("the a some out it them my frozen"),
    "storm": words_of("out off in into troopers trooper"),
    "flood": words_of("of tide light lights with by the"),
    "snow": words_of("white under leopard"),
    "christening": words_of("of"),
    "harvest": words_of("of moon mouse data"),
    "wasp": words_of("waist"),
    "eclipse": words_of("ide plugin the a him her them"),
    "comet": words_of("store"),
}


def head_of(word: str) -> str:
    """A lower-case word up to its first hyphen or apostrophe."""
    return re.split("['-]", word, maxsplit=1)[0]


def _spellings(table: str, case: Case) -> list[Spelling]:
    found = []
    for line in table.strip().splitlines():
        key, _, others = line.partition(":")
        texts = [key, *(other.strip() for other in others.split(",") if other.strip())]
        found += [Spelling(key, text, case) for text in texts]
    return found


SPELLINGS = (
    *_spellings(ANY_CASE, Case.ANY),
    *_spellings(CAPITAL_ONLY, Case.PROPER),
    *_spellings(PLAIN_WORDS, Case.PLAIN),
)
