"""Asks a server again and again while all of its upstreams are dead, and tells what clients get and how soon all is well again.

recovery_client.py SERVER UPSTREAM... -- COUNT

The names are r0.stale.test to r<COUNT - 1>.stale.test, in turn, 200 a second. Prints "began" after the first round, whose answers are taken for the
old ones, then, as soon as answers came from memory (extended error 3) for each name, "stale". When another address is seen, and then no old one for
two rounds, it ends with one line of JSON: how many answers came, how many were stale, failed (not NOERROR) or missed, the longest time that one took while the
upstreams were dead, and, counted from the moment an UPSTREAM, asked directly again and again, answered again: milliseconds to the first new answer
and after the last old one.
"""

import concurrent.futures
import json
import sys
import threading
import time

import dns.exception
import dns.message
import dns.query
import dns.rcode

RATE = 200
STALE = 3

answers = []        # begun, ended, name, address or None, is stale, code
guard = threading.Lock()
up_at = None


def ask(server, number, timeout=10):
    begun = time.monotonic()
    try:
        answer = dns.query.udp(dns.message.make_query(f"r{number}.stale.test.", "A", use_edns=0), server, timeout=timeout)
    except (dns.exception.DNSException, OSError):
        return begun, time.monotonic(), number, None, False, "none"
    stale = any(getattr(option, "code", None) == STALE for option in answer.options)
    address = answer.answer[0][0].address if answer.answer else None
    return begun, time.monotonic(), number, address, stale, dns.rcode.to_text(answer.rcode())


def note(*arguments):
    result = ask(*arguments)
    with guard:
        answers.append(result)


def watch(upstream):
    """Notes when an upstream is the first to answer."""
    global up_at
    while up_at is None:
        if ask(upstream, 0, 0.02)[3] is not None:
            up_at = up_at or time.monotonic()


def main():
    dash = sys.argv.index("--")
    server, upstreams, total = sys.argv[1], sys.argv[2:dash], int(sys.argv[dash + 1])
    first = [ask(server, number) for number in range(total)]
    old = first[0][3]
    assert all(a[3] == old and a[5] == "NOERROR" for a in first), first
    print("began", flush=True)
    start = time.monotonic()
    said, index = False, 0
    with concurrent.futures.ThreadPoolExecutor(1024) as pool:
        while True:
            time.sleep(max(0, start + index / RATE - time.monotonic()))
            pool.submit(note, server, index % total)
            index += 1
            if index % total:
                continue
            with guard:
                stale = {a[2] for a in answers if a[4]}
                new = [a for a in answers if a[3] not in (None, old)]
                last_old = max((a[1] for a in answers if a[3] == old), default=0)
            if not said and len(stale) == total:
                said = True
                print("stale", flush=True)
                for upstream in upstreams:
                    threading.Thread(target=watch, args=(upstream,), daemon=True).start()
            if new and time.monotonic() > max(last_old, min(a[1] for a in new)) + 2 * total / RATE:
                break
    first_new = min(a[1] for a in answers if a[3] not in (None, old))
    last_old = max(a[1] for a in answers if a[3] == old)
    print(json.dumps({
        "answers": len(answers),
        "stale": sum(a[4] for a in answers),
        "failed": sum(a[5] not in ("NOERROR", "none") for a in answers),
        "missed": sum(a[5] == "none" for a in answers),
        "longest": round(max(a[1] - a[0] for a in answers) * 1000),
        "first new": round((first_new - up_at) * 1000),
        "last old": round((last_old - up_at) * 1000),
    }), flush=True)


main()
