"""Asks as the resolver of a C library does, and looks whether each answer is the right one.

stub_client.py SERVER RATE COUNT PREFIX

The names are PREFIX0.load.test to PREFIX<COUNT - 1>.load.test, with the address 10.A.B.C made of the number's octets; every tenth question is for
the TXT records of big<N mod 100>.load.test, 2400 octets that begin with its number. A question goes out over UDP from a socket of its own, with
EDNS; after 5 s without an answer once more; one that was cut is asked again over TCP. Prints one line of JSON: how many were asked, were answered
right, wrong or not at all, were asked a second time, went over TCP; percentiles of the latency in milliseconds; and the first few that went wrong.
"""

import collections
import concurrent.futures
import json
import sys
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

PATIENCE = 5
ATTEMPTS = 2

counts = collections.Counter()
latencies = []
wrong = []
guard = threading.Lock()


def count(what):
    with guard:
        counts[what] += 1


def expected(number, prefix):
    if number % 10 == 9:
        return f"big{number % 100}.load.test.", "TXT"
    return f"{prefix}{number}.load.test.", "A"


def is_right(answer, name, kind, number):
    if answer.rcode() != dns.rcode.NOERROR or len(answer.answer) != 1 or str(answer.answer[0].name) != name:
        return False
    records = list(answer.answer[0])
    if kind == "A":
        return [r.address for r in records] == [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"]
    texts = sorted(b"".join(r.strings) for r in records)
    return len(texts) == 12 and all(t.startswith(b"%d-%d-" % (number % 100, i + 10)) and len(t) == 200 for i, t in enumerate(texts))


def resolve(server, question):
    for attempt in range(ATTEMPTS):
        if attempt > 0:
            count("asked twice")
        try:
            answer = dns.query.udp(question, server, timeout=PATIENCE)
            if answer.flags & dns.flags.TC:
                count("over TCP")
                answer = dns.query.tcp(question, server, timeout=PATIENCE)
            return answer
        except (dns.exception.DNSException, OSError):
            continue
    return None


def ask(server, number, prefix):
    name, kind = expected(number, prefix)
    start = time.monotonic()
    answer = resolve(server, dns.message.make_query(name, kind, use_edns=0, payload=1232))
    took = time.monotonic() - start
    verdict = "unanswered" if answer is None else "right" if is_right(answer, name, kind, number) else "wrong"
    with guard:
        counts[verdict] += 1
        latencies.append(took)
        if verdict == "wrong" and len(wrong) < 5:
            wrong.append(answer.to_text())


def percentile(share):
    return round(latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000, 1)


def main():
    server, rate, total, prefix = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(256) as pool:
        for number in range(total):
            time.sleep(max(0, start + number / rate - time.monotonic()))
            pool.submit(ask, server, number, prefix)
    latencies.sort()
    print(json.dumps({
        "asked": total,
        **{what: counts[what] for what in ("right", "wrong", "unanswered", "asked twice", "over TCP")},
        "p50": percentile(0.5), "p99": percentile(0.99), "p999": percentile(0.999), "max": percentile(1.0),
        "errors": wrong,
    }), flush=True)


main()
