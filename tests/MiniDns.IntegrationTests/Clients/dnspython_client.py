"""Asks a server through dnspython and prints what it understood as JSON.

usage: dnspython_client.py ADDRESS PORT
"""
import json
import sys

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import dns.reversename

address, port = sys.argv[1], int(sys.argv[2])


def shown(reply):
    return {
        "code": dns.rcode.to_text(reply.rcode()),
        "flags": dns.flags.to_text(reply.flags),
        "edns": reply.edns,
        "options": [[int(o.otype), o.to_wire().decode("latin-1")] for o in reply.options],
        "answer": [f"{s.name} {s.ttl} {r.rdtype.name} {r}" for s in reply.answer for r in s],
    }


def query(name, kind="A", **options):
    return dns.message.make_query(name, kind, **options)


resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [address]
resolver.port = port

# Two queries on one connection, sent before an answer is read.
with dns.query.socket.create_connection((address, port), timeout=10) as stream:
    first, second = query("web.mycompany.com"), query("db.mycompany.com")
    for message in (first, second):
        dns.query.send_tcp(stream, message)
    replies = [dns.query.receive_tcp(stream)[0] for _ in (first, second)]
    pipelined = sorted(str(r.answer[0][0]) for r in replies if r.id in (first.id, second.id))

print(json.dumps({
    "udp": shown(dns.query.udp(query("web.mycompany.com"), address, port=port, timeout=10)),
    "tcp": shown(dns.query.tcp(query("db.mycompany.com", "AAAA"), address, port=port, timeout=10)),
    "fallback": len(dns.query.udp_with_fallback(query("many.mycompany.com"), address, port=port, timeout=10)[0].answer[0]),
    "nsid": shown(dns.query.udp(query("web.mycompany.com", use_edns=0, options=[dns.edns.GenericOption(dns.edns.NSID, b"")]), address, port=port, timeout=10)),
    "resolver": [str(r) for r in resolver.resolve("db.mycompany.com", "A")],
    "reverse": [str(r) for r in resolver.resolve(dns.reversename.from_address("192.168.1.11"), "PTR")],
    "pipelined": pipelined,
}))
