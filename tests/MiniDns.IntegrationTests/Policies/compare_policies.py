"""Asks two servers with the same policy the same questions, each "name type source kind"; prints where the answers differ, then how many were asked."""

import sys
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

first, second, path = sys.argv[1:]


def ask(server, name, kind, source, waits):
    query = dns.message.make_query(name, kind, use_edns=False)
    try:
        reply = dns.query.udp(query, server, timeout=waits, source=source)
    except dns.exception.Timeout:
        return ["dropped"]
    found = describe(reply)
    if reply.flags & dns.flags.TC:
        found += ["over TCP:"] + describe(dns.query.tcp(query, server, timeout=waits, source=source))
    return found


def describe(reply):
    lines = [dns.rcode.to_text(reply.rcode()) + (" tc" if reply.flags & dns.flags.TC else "")]
    lines += sorted(f"{s.name} {dns.rdatatype.to_text(s.rdtype)} {r}" for s in reply.answer for r in s)
    lines += [f"+ {s.name} {s.ttl} SOA" for s in reply.additional if s.rdtype == dns.rdatatype.SOA]
    return lines


def compare(line):
    name, kind, source, fate = line.split()
    waits = 1 if fate == "dropped" else 20
    one, two = (ask(server, name, kind, source, waits) for server in (first, second))
    return None if one == two else f"{line}\n    {first}: {'; '.join(one)}\n    {second}: {'; '.join(two)}"


with open(path) as file:
    questions = file.read().splitlines()
with ThreadPoolExecutor(8) as pool:
    differences = [d for d in pool.map(compare, questions) if d]
print(*differences, f"{len(questions)} questions, {len(differences)} differences", sep="\n")
