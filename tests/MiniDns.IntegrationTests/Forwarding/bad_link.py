"""Passes DNS on between one address and another, badly.

bad_link.py LISTEN UPSTREAM

Over UDP one message in five is lost, every one is late by up to 100 ms, so that they overtake each other, some come twice, some are
cut to pieces, some have another id or question, and some answers only say that they were cut. Over TCP every fifth connection is reset.
What arrives whole is right. Prints "ready".
"""

import random
import select
import socket
import struct
import sys
import threading
import time

chance = random.Random(5)


def serve_tcp(listen, upstream):
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((listen, 53))
    server.listen(64)
    while True:
        client, _ = server.accept()
        if chance.random() < 0.2:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            continue
        threading.Thread(target=pass_on, args=(client, upstream), daemon=True).start()


def pass_on(client, upstream):
    other = socket.create_connection((upstream, 53))
    try:
        while True:
            for one in select.select([client, other], [], [])[0]:
                octets = one.recv(65536)
                if not octets:
                    return
                (other if one is client else client).sendall(octets)
    except OSError:
        pass
    finally:
        client.close()
        other.close()


def spoil(answer):
    kind = chance.random()
    if kind < 0.05:
        return answer[:chance.randrange(len(answer))]
    if kind < 0.10:
        return bytes([answer[0] ^ 0x55]) + answer[1:]
    if kind < 0.15:
        return answer[:14] + bytes([answer[14] ^ 1]) + answer[15:]
    if kind < 0.25:
        end = 12 + answer[12:].index(0) + 5
        return answer[:2] + bytes([answer[2] | 2]) + answer[3:6] + b"\0\0\0\0\0\0" + answer[12:end]
    return answer


def main():
    listen, upstream = sys.argv[1], sys.argv[2]
    threading.Thread(target=serve_tcp, args=(listen, upstream), daemon=True).start()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((listen, 53))
    asking = {}
    poll = select.poll()
    poll.register(server, select.POLLIN)
    late = []
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        for entry in [e for e in late if e[0] <= now]:
            late.remove(entry)
            try:
                entry[1].sendto(entry[2], entry[3]) if entry[3] else entry[1].send(entry[2])
            except OSError:
                pass
        for handle, _ in poll.poll(2):
            if handle == server.fileno():
                query, client = server.recvfrom(65536)
                if chance.random() < 0.2:
                    continue
                one = asking.get(client)
                if one is None:
                    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    one.connect((upstream, 53))
                    asking[client] = one
                    asking[one.fileno()] = (one, client)
                    poll.register(one, select.POLLIN)
                late.append((now, one, query, None))
            else:
                one, client = asking[handle]
                try:
                    answer = one.recv(65536)
                except OSError:
                    continue
                for _ in range(2 if chance.random() < 0.05 else 1):
                    late.append((now + chance.random() * 0.1, server, spoil(answer), client))


main()
