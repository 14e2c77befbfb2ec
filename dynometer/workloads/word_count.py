"""Counts words: many small items with text to carry, and a result that must be merged."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dynometer.workloads import items
from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

LONGEST_LINE_BYTES = 65_536
TOP = 50
OCTAVES = 13  # the generator knows 2^13 - 1 words
SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu", "ne")


@dataclass(frozen=True)
class Parameters:
    words_per_line: int = param(200, "Length of a generated line.", unit="words", low=1, high=5_000,
                                only_generated=True)
    seed: int = param(1, "The same seed makes the same lines, however the job is split.", low=0, high=2**63 - 1,
                      only_generated=True)


def item_at(index: int, parameters: Parameters) -> Json:
    """A line of made-up words; like in natural text, the n-th commonest comes up about 1/n as often as the first."""
    draw = generator(parameters.seed, index)
    words = []
    for _ in range(parameters.words_per_line):
        octave = draw.randrange(OCTAVES)
        words.append(_made_up(1 << octave | draw.getrandbits(octave)))
    return " ".join(words)


def _made_up(rank: int) -> str:
    """The word of `rank` >= 1: one syllable for each hexadecimal digit, so no two ranks share a word."""
    return "".join(SYLLABLES[int(digit, 16)] for digit in f"{rank:x}")


class _OnlyWords(dict[int, str | int]):
    """A table for `str.translate` that learns as it meets characters: what is no part of a word becomes a space."""

    def __missing__(self, code: int) -> str | int:
        is_part = unicodedata.category(chr(code))[0] in "LMN"  # letters, the marks on them, and digits
        kept = code if is_part else " "
        if code < 0x10000:  # rare planes are looked up each time, or a hostile file would fill a million entries
            self[code] = kept
        return kept


def python(parameters: Parameters) -> Call:
    only_words = _OnlyWords({ord("'"): "'", ord("\u2019"): "'"})

    def call(item: str) -> Json:
        """{word: count}, for words without regard to case; an apostrophe inside a word belongs to it."""
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", item).casefold())
        words = (word.strip("'") for word in text.translate(only_words).split())
        return dict(Counter(word for word in words if word))

    return call


def read_item(given: Json) -> Json:
    return items.text(given, LONGEST_LINE_BYTES)


class Tally:
    """The commonest words of all lines.  A partial keeps every word: only then are the counts exact in any order."""

    def partial(self, values: Sequence[Json]) -> Json:
        counts: Counter[str] = Counter()
        for value in values:
            counts.update(value)
        return dict(counts)

    def merge(self, left: Json, right: Json) -> Json:
        return self.partial((left, right))

    def value(self, partial: Json) -> Json:
        """`top` is [[word, count], ...], the commonest first, then by the alphabet."""
        top = sorted(partial.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
        return {"total_words": sum(partial.values()), "distinct_words": len(partial), "top": list(map(list, top))}

    def sentence(self, value: Json) -> str:
        words = f"{value['total_words']:,} words, {value['distinct_words']:,} of them different"
        if not value["top"]:
            return f"{words}."
        word, count = value["top"][0]
        return f"{words}; the commonest is “{word}”, {count:,} times."

    def table(self, value: Json) -> tuple[str, Sequence[str], Sequence[Sequence[Json]]]:
        """For pages."""
        return "Commonest words", ("Word", "Times"), value["top"]


WORKLOAD = Workload(
    key="word-count",
    title="Word count",
    description="Counts the words of many lines of text and keeps the 50 commonest.",
    teaches="Small items with data to carry: how items travel costs more than the work, so chunks must be large.",
    parameters=Parameters,
    variants={"python": python},
    item_at=item_at,
    default_items=10_000,
    item_help=f"A line of text, at most {LONGEST_LINE_BYTES:,} bytes; generated ones are made-up words.",
    known_answer=KnownAnswer(
        items=3, parameters={},
        inputs=("It was the best of times, it was the worst of times,", "",
                "Don\u2019t! DON'T! Straße, STRASSE; नमस्ते 42"),
        value={"total_words": 18, "distinct_words": 11, "top": [
            ["don't", 2], ["it", 2], ["of", 2], ["strasse", 2], ["the", 2], ["times", 2], ["was", 2],
            ["42", 1], ["best", 1], ["worst", 1], ["नमस्ते", 1]]},
        source="C. Dickens, A Tale of Two Cities (1859), and a line of our own, counted by hand",
    ),
    read_item=read_item,
    combine=Tally(),
)
