"""Compares the zone that a primary sends with a zone file, record by record; prints what differs."""

import sys

import dns.query
import dns.tsigkeyring
import dns.zone

primary, name, path, key = sys.argv[1:]
options = {}
if key:
    algorithm, key_name, secret = key.split(":")
    options = {"keyring": dns.tsigkeyring.from_text({key_name: secret}), "keyname": key_name, "keyalgorithm": algorithm}
sent = dns.zone.from_xfr(dns.query.xfr(primary, name, relativize=False, **options), relativize=False)
kept = dns.zone.from_file(path, name, relativize=False)


def records(zone):
    return {
        (str(owner).lower(), ttl, rdata.rdtype, rdata.to_digestable())
        for owner, ttl, rdata in zone.iterate_rdatas()
    }


for record in sorted(records(sent) ^ records(kept)):
    print(*record)
print(len(records(sent)), "records")
