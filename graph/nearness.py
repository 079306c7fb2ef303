"""Which names a memory names together.

A memory of up to 1,200 characters is one thought: whatever it names, it names together. In a longer one two names are
together when they stand within 300 characters of each other (about two sentences), and names from its title, author and
participants are together with all. Without this bound a long diary day would tie everybody to everybody.
"""

WHOLE_CHARACTERS = 1_200
NEAR_CHARACTERS = 300
