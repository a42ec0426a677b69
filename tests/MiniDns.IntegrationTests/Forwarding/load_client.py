"""Asks a server many questions at a steady rate and tells what became of them.

load_client.py ADDRESS RATE SECONDS

Names are n<number>.load.test, each asked once, type A. Prints one line of JSON when done: how many were sent, the answers per
code, the questions without an answer within five seconds, answers to nothing that was asked, wrong addresses, and percentiles of
the latency in milliseconds, of all and of each second. Prints "started" first, and each second's number on a line of its own.
"""

import json
import select
import socket
import struct
import sys
import time

PATIENCE = 5.0


def question(number):
    label = b"n%d" % number
    name = bytes([len(label)]) + label + b"\x04load\x04test\x00"
    return name + b"\x00\x01\x00\x01"


def percentile(values, share):
    return round(values[min(len(values) - 1, int(len(values) * share))] * 1000, 2) if values else None


def main():
    address, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    sockets = []
    for _ in range(8):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        one.connect((address, 53))
        one.setblocking(False)
        sockets.append(one)
    waiting = [{} for _ in sockets]
    handles = {one.fileno(): i for i, one in enumerate(sockets)}
    poll = select.poll()
    for one in sockets:
        poll.register(one, select.POLLIN)
    codes, latencies, unasked, wrong, sent = {}, [], 0, 0, 0
    print("started", flush=True)
    start = time.monotonic()
    told = 0
    total = int(rate * seconds)
    while True:
        now = time.monotonic()
        due = min(total, int((now - start) * rate))
        while sent < due:
            i = sent % len(sockets)
            identity = (sent // len(sockets)) & 0xFFFF
            body = question(sent)
            waiting[i][identity] = (time.monotonic(), sent, body)
            try:
                sockets[i].send(struct.pack(">HHHHHH", identity, 0x0100, 1, 0, 0, 0) + body)
            except OSError:
                pass
            sent += 1
        if now - start >= told + 1 and told < seconds:
            told += 1
            print(told, flush=True)
        if sent >= total and (not any(waiting) or now - start > seconds + PATIENCE):
            break
        for handle, _ in poll.poll(1):
            i = handles[handle]
            try:
                while True:
                    answer = sockets[i].recv(4096)
                    arrived = time.monotonic()
                    identity, flags = struct.unpack(">HH", answer[:4])
                    asked = waiting[i].get(identity)
                    if asked is None or answer[12:12 + len(asked[2])] != asked[2]:
                        unasked += 1
                        continue
                    del waiting[i][identity]
                    code = flags & 15
                    codes[code] = codes.get(code, 0) + 1
                    latencies.append((asked[0] - start, arrived - asked[0]))
                    if code == 0 and b"\xc0\x00\x02" not in answer[-4:]:
                        wrong += 1
            except OSError:
                pass
    windows = {}
    for at, latency in latencies:
        windows.setdefault(int(at), []).append(latency)
    every = sorted(latency for _, latency in latencies)
    print(json.dumps({
        "sent": sent,
        "codes": codes,
        "lost": sum(len(w) for w in waiting),
        "unasked": unasked,
        "wrong": wrong,
        "p50": percentile(every, 0.5),
        "p99": percentile(every, 0.99),
        "p999": percentile(every, 0.999),
        "max": percentile(every, 1.0),
        "seconds": [[second, len(values), percentile(values, 0.5), percentile(values, 0.999), percentile(values, 1.0)]
                    for second, values in ((s, sorted(v)) for s, v in sorted(windows.items()))],
    }), flush=True)


main()
