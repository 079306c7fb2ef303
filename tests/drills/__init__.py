"""Fault drills on servers of their own: `python -m tests.drills [NUMBERS] [--seed N] [--items N]`, which `make drill` runs.

A drill is a module `drill_NN_words.py` with TITLE and `run(scene) -> Outcome`. The world is the same in each: memories of five made-up
people, whose graph a run without faults has shown first.
"""
