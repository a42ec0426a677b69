"""Asks a server and its upstream the same questions and compares what they say.

compare_answers.py SERVER UPSTREAM COUNT ZONE

Types, sizes, DNSSEC and flags vary. Equal means: the same code, flags and records, but for TTLs; an answer that was cut is asked for
again over TCP. CD is left out of the comparison: we repeat it as RFC 4035 section 3.2.2 asks, not every upstream does. Additional
records may be fewer on either side: they are left out where there is no room for them, and the two ways have not the same room. Prints each difference, then "compared COUNT, different N, by code {...}".
"""

import random
import sys

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode

chance = random.Random(17)
TYPES = ["A", "AAAA", "MX", "TXT", "NS", "SOA", "CNAME", "SRV", "PTR", "CAA", "DS", "DNSKEY", "NSEC", "HTTPS", "SVCB", "TLSA", "HINFO", "NAPTR", "DNAME", "TYPE65280", "ANY"]
NAMES = ["", "www", "mail", "alias", "chain", "many", "big", "srv", "deep.er.name", "wild.card", "x.wild.card", "missing", "a.b.c.missing", "dname", "below.dname", "delegated", "host.delegated", "_sip._tcp", "caa", "https", "empty"]


def question(zone):
    name = chance.choice(NAMES)
    if chance.random() < 0.3:
        name = f"n{chance.randrange(100000)}" + ("." + name if name else "")
    name = "".join(c.upper() if chance.random() < 0.2 else c for c in (name + "." if name else "") + zone)
    edns = chance.random() < 0.7
    message = dns.message.make_query(name, chance.choice(TYPES), use_edns=0 if edns else -1, want_dnssec=edns and chance.random() < 0.5,
                                     payload=chance.choice([512, 1232, 1400, 4096]) if edns else None)
    if chance.random() < 0.2:
        message.flags &= ~dns.flags.RD
    if chance.random() < 0.2:
        message.flags |= dns.flags.CD
    if chance.random() < 0.2:
        message.flags |= dns.flags.AD
    return message


def ask(server, message):
    if chance.random() < 0.1:
        return dns.query.tcp(message, server, timeout=10)
    answer = dns.query.udp(message, server, timeout=10, ignore_trailing=False)
    return dns.query.tcp(message, server, timeout=10) if answer.flags & dns.flags.TC else answer


def section(records):
    return sorted(f"{rrset.name} {rrset.rdclass} {rrset.rdtype} {rrset.covers} {rdata.to_text()}".lower() for rrset in records for rdata in rrset)


def summary(message):
    return (dns.rcode.to_text(message.rcode()), dns.flags.to_text(message.flags & ~dns.flags.CD), [str(q) for q in message.question],
            section(message.answer), section(message.authority), section(message.additional), message.edns, message.ednsflags)


def main():
    server, upstream, count, zone = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    different, codes = 0, {}
    for _ in range(count):
        message = question(zone)
        try:
            direct, ours = summary(ask(upstream, message)), summary(ask(server, message))
        except dns.exception.DNSException as failure:
            direct, ours = "an answer", repr(failure)
        same = direct == ours or (len(direct) == len(ours) == 8 and direct[:5] + direct[6:] == ours[:5] + ours[6:] and (set(ours[5]) <= set(direct[5]) or set(direct[5]) <= set(ours[5])))
        if not same:
            different += 1
            if different <= 20:
                print(f"{message.question[0]} {dns.flags.to_text(message.flags)}\n  directly: {direct}\n  from us:  {ours}")
        else:
            codes[direct[0]] = codes.get(direct[0], 0) + 1
    print(f"compared {count}, different {different}, by code {codes}", flush=True)


main()
