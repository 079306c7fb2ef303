"""Extraction's word lists: what marks a name, and what can never be one."""


def words_of(text: str) -> frozenset[str]:
    """The words of a list as one writes it."""
    return frozenset(text.split())


# Honorifics, written without their full stop. What each does to a key: see keys.py.
SILENT_TITLES = words_of(
    "mr mister mssrs messrs dr doctor prof professor capt captn captain cpt maj major col"
    " colonel lt lieutenant lieut gen general adm admiral sgt sergeant cpl corporal pvt private"
    " commodore commander rev reverend revd pastor judge justice hon alderman monsieur"
    " herr signor señor senhor don"
)
FEMALE_TITLES = words_of("mrs miss ms mme madame madam mistress mlle frau fräulein signora señora senhora dame")
RANK_TITLES = words_of(
    "lord lady king queen prince princess duke duchess earl count countess baron"
    " baroness viscount marquis marquess emperor empress pope bishop archbishop cardinal"
)
KIN_TITLES = words_of(
    "uncle aunt auntie aunty cousin cozen sister brother father mother grandma grandpa granny grandad nana"
)
TITLES = SILENT_TITLES | FEMALE_TITLES | RANK_TITLES | KIN_TITLES | {"sir"}
MALE_MARKS = words_of("mr mister sir lord king prince duke earl baron uncle brother father grandpa grandad")
FEMALE_MARKS = FEMALE_TITLES | words_of(
    "lady queen princess duchess countess baroness empress aunt auntie sister mother grandma granny"
)
# What one calls one's own people: a name when capitalised and without "my" or "his".
KIN_NAMES = words_of("Mum Mom Mummy Mommy Dad Daddy Grandma Grandpa Granny Grandad Granddad Nan Nana")
NAME_PARTICLES = words_of("de da do dos das del della di du la le van von der den ter ten al bin ibn af zu y e")
NAME_SUFFIXES = words_of("jr junior sr senior phd md esq esquire ii iii iv")

# Last words of places that are family names as well.
SURNAME_PLACES = words_of(
    "hall house church hill wood woods field fields lake forest castle close court green heath"
    " moor ridge row park pool bay mount lodge gates garden cove point fort lane parsons street"
    " banks wells bridges"
)
# A generic last (or first) word decides the kind; alone it is no name.
PLACE_WORDS = words_of(
    "street st road rd lane avenue ave square sq park hall house church chapel bridge abbey"
    " palace hill inn tavern castle station airport hotel pub cafe café restaurant bakery"
    " bay beach island islands isle valley forest wood woods fields field garden gardens"
    " market gate yard alley court close drive crescent terrace place plaza piazza rua"
    " praça wharf dock docks stairs tower towers mount mountain mountains lake river sea"
    " ocean cape coast harbour harbor pier farm cottage village town city county borough"
    " district quarter cathedral basilica monastery convent churchyard cemetery museum"
    " gallery theatre theater cinema stadium arena pool library hospital clinic pharmacy"
    " surgery coffeehouse coffee-house alehouse playhouse parade quay canal falls creek"
    " ridge moor heath common green lodge manor hostel campsite trail reserve"
    " reservoir pass gorge cove point estate centre center terminal depot row fort school"
)
ORGANISATION_WORDS = words_of(
    "ltd limited inc llc plc gmbh ag sa corp corporation company co bank university college"
    " council committee commission society association club union institute trust ministry"
    " department dept foundation group agency police insurance academy parliament congress"
    " senate party choir orchestra band team fc studio studios office bureau board"
    " authority federation league assembly court-martial regiment partners"
    " services solutions systems technologies labs software airlines airways railways"
    " singers ferries plumbing repairs hire opticians physio nursery cycles engineers joiners"
    " builders solicitors plumbers electricians architects accountants lines logistics motors"
    " garage dental vets veterinary fund mutual energy telecom broadband travel tours brewery"
    " roofing heating cleaning removals interiors design designs consulting consultants ventures"
    " capital holdings industries enterprises associates quartet ensemble philharmonic symphony"
    " players rangers rovers wanderers supplies hardware electrics upholstery"
    " press times guardian gazette journal herald news magazine records"
)
ORGANISATION_LEADS = words_of(
    "university bank ministry department house council committee society church college"
    " institute board bureau order court commission academy"
)
PLACE_LEADS = words_of(
    "mount lake river cape port fort isle island islands bay gulf strait straits tower"
    " city town cathedral san santa são café cafe hotel restaurante villa casa rua praça"
)

# Ordinary words that begin with a capital for some other reason than being a name.
WEEKDAYS = words_of(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs"
    " fri sat sun mondays tuesdays wednesdays thursdays fridays saturdays sundays"
)
MONTHS = words_of(
    "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
)
SEASONS = words_of("spring summer autumn fall winter")
FEASTS = words_of(
    "christmas easter lent advent epiphany pentecost whitsun whitsunday whitsuntide candlemas"
    " michaelmas shrovetide ascension halloween hallowe'en thanksgiving ramadan eid diwali"
    " hanukkah passover purim valentine valentine's sabbath new-year xmas eve"
    " twelfth-night midsummer lammas allhallows hallowtide coronation martinmas childermas yule"
    " yuletide hogmanay pesach chanukah sukkot shavuot eid hajj deepavali divali holi navratri"
    " dussehra janmashtami vaisakhi baisakhi vesak wesak losar songkran nowruz chuseok juneteenth"
)
CALENDAR = WEEKDAYS | MONTHS | SEASONS | FEASTS
CALENDAR_HEADS = words_of(
    "day days eve night morning evening afternoon week weekend month year term tide holiday"
    " holidays feast fast lord's century"
)
NATIONALITIES = words_of(
    "english british scottish scotch scots welsh irish french german dutch belgian swiss"
    " austrian italian spanish portuguese greek roman turkish turk turks russian polish"
    " czech slovak hungarian romanian bulgarian serbian croatian bosnian albanian ukrainian"
    " danish dane danes swedish swede norwegian finnish icelandic latvian lithuanian"
    " estonian american canadian mexican brazilian argentine chilean peruvian colombian"
    " cuban african nigerian kenyan ethiopian egyptian moroccan algerian european asian"
    " indian pakistani bangladeshi chinese japanese korean vietnamese thai indonesian"
    " malaysian filipino australian arab arabic arabian israeli jewish jew jews hebrew"
    " persian iranian iraqi syrian lebanese latin flemish saxon norman celtic gypsy"
    " christian christians catholic catholics protestant protestants presbyterian"
    " presbyterians papist papists puritan quaker quakers muslim muslims hindu buddhist"
    " englishman englishmen frenchman frenchmen dutchman dutchmen irishman scotchman"
    " spaniard spaniards italians germans americans europeans londoner londoners"
    " victorian georgian elizabethan gothic baroque mediterranean nordic"
)
# Roles and forms of address: no name without one beside them.
ROLES = TITLES | words_of(
    "chamberlain boatswain commons state fleet army coach sovereign gold post royal east"
    " north south west halls serjeant fellow fellows cavalier cavaliers baronet"
    " majesty majesties highness highnesses lordship ladyship lordships lords ladies"
    " dukes kings queens princes sirs excellency honour president minister secretary"
    " treasurer chancellor chairman chair mayor governor ambassador officer officers"
    " commissioner commissioners parson clerk steward purser surgeon lieutenant admirals"
    " captains generals colonels bishops gentleman gentlemen mistress master sheriff"
    " professors doctors god christ lord heaven almighty saviour saint devil devils"
    " comptroller controller surveyor constable attorney counsel esquire knight knights"
    " nurse teacher boss manager director ceo cto mum's wife husband son daughter"
    " neighbour neighbor landlord doctor vet dentist physio plumber"
)
PRONOUNS = words_of(
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his"
    " himself she her hers herself it its itself they them their theirs themselves who whom"
    " whose which what this that these those one ones someone somebody something anyone"
    " anybody anything everyone everybody everything nobody nothing none thee thou thy thine ye"
)
STOP_WORDS = PRONOUNS | words_of(
    "a an the and or but nor so yet for of in on at by to from with without within into onto"
    " upon over under above below between among through during before after since until till"
    " about against around near off out up down as if then than when where why how because"
    " while though although whether unless is am are was were be been being have has had having"
    " do does did doing done will would shall should can could may might must ought not no yes"
    " all any both each every few many more most much other others some such same own only just"
    " also too very quite rather still even ever never always often sometimes again once twice"
    " here there now today tomorrow yesterday tonight soon later early late already almost"
    " perhaps maybe however therefore thus hence thence whence hither thither there's it's i'm"
    " i've i'd i'll don't doesn't didn't can't won't isn't wasn't aren't weren't let let's lets"
    " per via etc eg ie vs re fw fwd cc bcc ps pm ok okay"
)
GREETINGS = words_of(
    "dear dearest darling hi hello hey hiya greetings hallo ola olá thanks thank cheers regards best sincerely"
    " yours faithfully love kind warmly cordially kisses xx xxx xo bye goodbye welcome sorry"
    " please congratulations congrats happy merry good morning afternoon evening night"
    " sent forwarded subject from to date attached attachment note notes todo fyi asap"
    " o oh ah alas ha amen"
)
# Words that start a sentence of a diary, a note or a list and are tagged as names.
STARTERS = words_of(
    "up said rang swam forgot froze dug hung threw wore tore slid stole struck swept swore taught"
    " hid hit knelt lit meant overslept shook shut stuck sank spilt burnt learnt phoned texted"
    " woke waked awoke dined supped lay slept went gone walked came come comes called"
    " met saw seen heard told asked talked spoke sent got took made gave paid bought"
    " sold read wrote writing put set sat stood ran rode drove flew left returned arrived"
    " stayed spent tried started began finished ended booked ordered planned need needs"
    " remember remind ask check email mail call phone text buy pick get go make take bring"
    " send pay book plan fix clean cook bake plant water visit see meet write watch try"
    " find look think thought feel felt seems seemed being having hearing coming"
    " going walking talking reading making thinking waiting working thereupon whereupon"
    " abroad home forenoon noon thither afterwards anon among amongst another besides"
    " good great little lovely nice long short new old first second third last next fine"
    " cold hot warm wet dry sunny rain rainy snow cloudy windy fair busy quiet tired happy"
    " sad glad breakfast lunch dinner supper tea coffee dessert bread milk eggs butter cheese"
    " office work meeting review summary agenda minutes action actions idea ideas list lists"
    " shopping groceries recipe ingredients journal diary memo mem memorandum letter telegram"
    " page chapter part section figure table draft final version update updates status week"
    " weekly daily monthly goals goal tasks task done open closed overall anyway finally"
    " firstly secondly lastly suddenly together nevertheless meanwhile indeed instead upon"
    " enough half several various two three four five six seven eight nine ten"
    " homeward downward upward thus much more most every lord's king's waking rising"
    " laid received understood found finding discoursed dreamed fell kept led begun"
    " drank eat ate washed dressed cut shot sung sang played lost won bade bid brought built"
    " carried caught chose drew fetched held hired knew lent let looked mended missed moved"
    " passed prayed promised proved reckoned resolved sealed shaved showed signed stopped"
    " strange taken turned used wanted wished worked pretty pleasant pleased mighty"
    " item items total invoice order payment receipt ticket reference account number price"
)
# Words that are as often a name as not: a sentence may begin with either.
AMBIGUOUS = words_of(
    "will may mark bill rose hope grace faith joy frank grant chase pat rob sue art rich jack"
    " orange visa ford meta wise zoom slack booking notion oracle apple intel ups eon fiat lego"
    " dale drew gene guy iris ivy lance max miles nick ray wade olive pearl ruby violet penny"
)
ACRONYMS = words_of(
    "ps nb fyi asap todo ok tv pc diy id pdf url faq cv am pm gmt utc cet bst it hr pr qa vat"
    " api ai dvd cd sms gps usb wifi rsvp eta dob pin atm sim ceo cto mri gp bbq led hdmi xx"
    " pto okr okrs kpi roi sla mvp poc eod eta lol omg re fw fwd cc bcc tbc tbd aka btw imo"
)
CURRENCIES = words_of(
    "eur usd gbp chf jpy cny inr aud cad nzd sek nok dkk pln brl euro euros dollar dollars"
    " pound pounds shilling shillings penny pence sterling li"
)
SHORT_NAMES = words_of("jo al ed bo mo ty cy vi di wu xu yu lu oz ai")

# Unions that the rules ask for on every word.
NOT_IN_PERSONS = ROLES | CALENDAR | STOP_WORDS | NATIONALITIES | {"saint"}
NO_LEAD = STOP_WORDS | CALENDAR | GREETINGS
NO_NAME = (  # alone
    ROLES
    | CALENDAR
    | CALENDAR_HEADS
    | NATIONALITIES
    | STOP_WORDS
    | GREETINGS
    | CURRENCIES
    | ACRONYMS
    | PLACE_WORDS
    | (ORGANISATION_WORDS - {"parliament", "congress", "senate"})
)
