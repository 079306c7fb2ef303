"""RESULTS.md is written chapter by chapter."""

from benchmarks.__main__ import LAYERS, PEERS, READING, SYNCS, read_options, split_chapters

TEXT = f"{LAYERS}\n\nfound\n\n{READING}\n\n## Peers\n\nread\n\n{PEERS}\n\nbeside\n"


def test_chapters_are_found_by_their_titles_and_make_the_whole_again():
    chapters = split_chapters(TEXT)
    assert chapters[PEERS] == f"{PEERS}\n\nbeside\n"
    assert "".join(chapters.values()) == TEXT


def test_a_chapter_that_is_not_there_yet_is_empty_in_its_place():
    chapters = split_chapters(f"{LAYERS}\n\nfound\n")
    assert list(chapters.items()) == [(LAYERS, f"{LAYERS}\n\nfound\n"), (READING, ""), (SYNCS, ""), (PEERS, "")]


def test_peers_are_asked_for_by_name_or_with_everything():
    assert not read_options([]).peers
    assert read_options(["--full"]).peers
    only = read_options(["--only", "peers"])
    assert (only.peers, only.reading, only.layers, only.whole) == (True, False, False, True)
    assert not read_options(["--full", "--skip-cost"]).peers
