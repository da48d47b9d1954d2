"""The words of wrk are read right, and the table tells each beside the first."""

from __future__ import annotations

import pytest

from benchmarks.proxy.__main__ import table
from benchmarks.proxy.costs import Turn, median, parsed

SAID = """\
Running 2s test @ http://172.17.0.4:8080/x
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   199.92ms  283.23ms   1.99s    92.19%
    Req/Sec   407.11    246.61     0.88k    61.11%
  Latency Distribution
     50%  645.00us
     75%  206.76ms
     90%  302.93ms
     99%    1.58s
  815 requests in 2.11s, 79.98MB read
{}Requests/sec:    387.04
Transfer/sec:     37.98MB
"""


def test_requests_rate_and_latencies_are_read():
    assert parsed(SAID.format("")) == (815, 387.04, 0.645, 1580.0)


@pytest.mark.parametrize(
    "fault",
    [
        "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
        "  Non-2xx or 3xx responses: 7\n",
    ],
)
def test_answers_that_failed_end_it(fault: str):
    with pytest.raises(SystemExit):
        parsed(SAID.format(fault))


def test_a_slow_machine_is_no_fault():
    slow = "  Socket errors: connect 0, read 0, write 0, timeout 1\n"
    assert parsed(SAID.format(slow))[0] == 815


def test_each_is_told_beside_the_first():
    first, second = Turn(1000, 1, 2, 30, 10), Turn(2500, 1, 2, 8, 2)
    rows = [*table({"before": first, "now": median([second, second, first])})]
    assert rows[-1].rstrip().endswith("| 8.0 | 2.0 | x2.50 | x0.25 |")
