"""Tables of N and X: what is read, and where a wrong one is wrong."""

import pytest

from dynometer.analysis.table import parse_table, read_table
from dynometer.errors import InvalidInput


@pytest.mark.parametrize("text", [
    "N,X\n1,10\n2,19.5\n1,11\n", "n,x\r\n1,10\r\n2,19.5\r\n1,11", "1,10\n2,19.5\n1,11\n",
    "X;what;N\n10;a;1\n19.5;b;2\n11;;1",
    "\ufeffN , X\n1 , 10\n\n# a remark\n2,1.95e1\n1,11\n",
    "workers\tper second\n1\t10\n2\t19.5\n1\t11", "1 10\n2  19.5\n1 11",
    "throughput,workers\n10,1\n19.5,2\n11,1", "Concurrency,TPS\n1,10\n2,19.5\n1,11",
    "per second,threads\n10,1\n19.5,2\n11,1",
    '"N","X"\n"1","10"\n2,19.5,a comma too many,\n1,11\n',
])
def test_many_shapes_of_the_same_table(text, tmp_path):
    (tmp_path / "table.csv").write_text(text, "utf-8")

    assert read_table(tmp_path / "table.csv") == {1.0: [10.0, 11.0], 2.0: [19.5]}


@pytest.mark.parametrize(("text", "words"), [
    ("", "The table is empty."),
    ("\n# nothing\n", "The table is empty."),
    ("N,X\n", "a header and nothing below it"),
    ("N,X\n4,370\n4,371\n", r"one worker count only \(N = 4\)"),
    ("N,X\n1,10\n2,-3\n", "Line 3: X is -3; it must be a finite number above 0."),
    ("N,X\n1,10\n2,0\n", "Line 3: X is 0"),
    ("N,X\n1,10\n\n-2,3\n", "Line 4: N is -2"),
    ("N,X\n1,10\n2,NaN\n", "Line 3: X is NaN"),
    ("1,10\ninf,4\n", "Line 2: N is inf"),
    ("nan,10\n2,4\n", "Line 1: N is nan"),
    ("N,X\n1,10\n2,fast\n", "Line 3: X is 'fast', which is no number"),
    ("N,X\n1,10\n2\n", "Line 3 has no X"),
    ("N,X\n1,10\n,5\n", "Line 3 has no N"),
    ("requests,clients\n10,1\n20,2\n", "names the columns requests, clients: which are N and X can't be told"),
    ("10\n20\n", "Line 1 has one column"),
    ("a,b,c\n1,2,3\n", "Line 1 names the columns a, b, c: which are N and X can't be told"),
    ('N,X\n1,"1,000"\n2,3\n', "Line 2: X is '1,000'"),
])
def test_a_wrong_table_is_refused_by_its_line(text, words):
    with pytest.raises(InvalidInput, match=words) as refused:
        parse_table(text)

    assert refused.value.hint


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "table.csv").write_bytes(b"N,X\n1,\xff\xfe\n")

    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_table(tmp_path / "table.csv")
