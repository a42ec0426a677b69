"""Asks a server with signed messages through dnspython, which checks each signature of the replies.

usage: tsig_client.py ADDRESS PORT ALGORITHM KEY SECRET
"""
import sys
import time

import dns.message
import dns.query
import dns.tsig
import dns.zone

address, port, algorithm, name, secret = sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]
key = dns.tsig.Key(name, secret, algorithm)

query = dns.message.make_query("host7.example.org.", "A")
query.use_tsig(key)
reply = dns.query.udp(query, address, port=port, timeout=10)
assert reply.had_tsig
print("answer", reply.answer[0][0])

zone = dns.zone.Zone("example.org.")
dns.query.inbound_xfr(address, zone, port=port, timeout=30, query=dns.xfr.make_query(zone, keyring={key.name: key}, keyname=key.name, keyalgorithm=algorithm)[0])
print("transfer", len(zone.nodes), "names")


class Late:
    """A clock that is an hour behind."""

    @staticmethod
    def time():
        return time.time() - 3600


dns.message.time = Late
query = dns.message.make_query("host7.example.org.", "A")
query.use_tsig(key)
try:
    dns.query.udp(query, address, port=port, timeout=10)
    print("late accepted")
except dns.tsig.PeerBadTime as e:
    print("late", type(e).__name__)
