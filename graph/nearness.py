"""Which names a memory names together.

A memory of up to 800 characters is one thought: whatever it names, it names together. In a longer one two names are together
when they stand within 120 characters of each other (about one sentence), and names from its title, author and participants are
together with all. Without this bound a long diary day would tie everybody to everybody.

Whoever wrote most of a person's notes is the one who tells them, not somebody they name: that author makes no ties there.
"""

WHOLE_CHARACTERS = 800
NEAR_CHARACTERS = 120
TELLER_NOTES = 10  # fewer notes by one author say nothing about who tells
