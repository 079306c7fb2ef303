"""Resolved: English short forms of first names, as far as they are common and safe."""

# One formal name a line, then its short forms; a short form may stand under several.
_SHORT_FORMS = """
abigail abby abbie
albert al bert bertie
alexander alex sandy xander
alexandra alex sandra sasha
alfred alf alfie fred
andrew andy drew
anthony tony ant
antonio tony
arthur art
barbara barb babs
benjamin ben benny
bernard bernie
beatrice bea
bradley brad
bridget bridie
cameron cam
caroline carrie
catherine cathy kate cat kitty
charles charlie chuck chas
charlotte lottie charlie
christina chris tina chrissie
christine chris tina chrissie
christopher chris kit topher
clifford cliff
cynthia cindy
daniel dan danny
david dave davy
deborah deb debbie
diana di
donald don donny
dorothy dot dotty dolly
douglas doug
edmund ed eddie ned
edward ed eddie ned ted teddy edw
eleanor ellie nell nora
elizabeth liz lizzie beth betsy betty eliza bess libby
emily em
eugene gene
florence flo
frances fran frankie
francis frank
franklin frank
frederick fred freddie
gabriel gabe
geoffrey geoff
george geo georgie
gerald gerry jerry
gregory greg
gwendolyn gwen
harold harry hal
henry harry hal hank
herbert bert herb
isaac ike
isabella bella izzy
jacob jake
jacqueline jackie
james jim jimmy jamie jas
jane janie
janet jan
jeffrey jeff
jennifer jen jenny
jeremy jerry
jessica jess jessie
john jack johnny jno
jonathan jon jonny
joseph joe joey jos
josephine josie jo
joshua josh
judith judy
katherine kate kathy katie kat kitty
kathleen kathy kath
kenneth ken kenny
kimberly kim
lawrence larry
leonard len leo lenny
louis lou
louise lou
madeleine maddie
margaret maggie meg peggy marge madge greta
martha marty patty
martin marty
matthew matt
maximilian max
megan meg
michael mike mick mickey
michelle shelly
miriam mimi
nancy nan
natalie nat
nathaniel nat nate
nicholas nick nicky
nicola nicky
oliver ollie
olivia liv livvy
pamela pam
patricia pat patty trish
patrick pat paddy
peter pete
philip phil pip
rachel rach
raymond ray
rebecca becky bex
richard dick rick ricky rich rd
robert bob bobby rob robbie robt
roberta bobbie
ronald ron ronnie
rosemary rosie
rudolph rudy
russell russ
samantha sam
samuel sam sammy saml
sarah sally
sebastian seb
solomon sol
stanley stan
stephanie steph
stephen steve
steven steve
stuart stu
susan sue susie
susanna sue susie
terence terry
theodore ted teddy theo
theresa terry tess
thomas tom tommy thos
timothy tim timmy
valerie val
victor vic
victoria vicky
vincent vince
virginia ginny
walter walt wally
wilfred wilf
william will bill billy willie wm
zachary zach zack
"""


def _formal_names() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SHORT_FORMS.strip().splitlines():
        formal, *short_forms = line.split()
        for short in short_forms:
            found.setdefault(short, set()).add(formal)
    return {short: frozenset(formals) for short, formals in found.items()}


# Short form to the formal names it may stand for.
FORMAL_NAMES = _formal_names()
