"""Passes DNS on between one address and another, badly or only late.

bad_link.py LISTEN UPSTREAM bad|late

bad: over UDP one question in five is lost; every answer is late by up to 100 ms, so that they overtake each other, some come twice,
some are cut to pieces, some have another id or question, and some only say that they were cut. Over TCP one connection in five is reset
at once, and one answer in ten breaks off in the middle with a reset. What arrives whole and with its own question is right.
late: nothing is lost or changed, and every answer over UDP comes after 100 ms.

Prints "ready", and every second what it did so far as JSON.
"""

import json
import random
import select
import socket
import struct
import sys
import threading
import time

DELAY = 0.1

chance = random.Random(5)
done = {"passed": 0, "lost": 0, "shortened": 0, "other id": 0, "other question": 0, "said to be cut": 0, "twice": 0, "reset at once": 0, "reset amid": 0}


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def serve_tcp(listen, upstream, is_bad):
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((listen, 53))
    server.listen(64)
    while True:
        client, _ = server.accept()
        if is_bad and chance.random() < 0.2:
            done["reset at once"] += 1
            reset(client)
        else:
            threading.Thread(target=pass_on, args=(client, upstream, is_bad), daemon=True).start()


def pass_on(client, upstream, is_bad):
    other = socket.create_connection((upstream, 53))
    try:
        while True:
            for one in select.select([client, other], [], [])[0]:
                octets = one.recv(65536)
                if not octets:
                    return
                if one is client:
                    other.sendall(octets)
                elif is_bad and chance.random() < 0.1:
                    done["reset amid"] += 1
                    client.sendall(octets[:len(octets) // 2])
                    reset(client)
                    return
                else:
                    client.sendall(octets)
    except OSError:
        pass
    finally:
        client.close()
        other.close()


def spoil(answer):
    kind = chance.random()
    if kind < 0.05:
        done["shortened"] += 1
        return answer[:chance.randrange(len(answer))]
    if kind < 0.10:
        done["other id"] += 1
        return bytes([answer[0] ^ 0x55]) + answer[1:]
    if kind < 0.15:
        done["other question"] += 1
        return answer[:14] + bytes([answer[14] ^ 1]) + answer[15:]
    if kind < 0.25:
        done["said to be cut"] += 1
        end = 12 + answer[12:].index(0) + 5
        return answer[:2] + bytes([answer[2] | 2]) + answer[3:6] + b"\0\0\0\0\0\0" + answer[12:end]
    done["passed"] += 1
    return answer


def main():
    listen, upstream, is_bad = sys.argv[1], sys.argv[2], sys.argv[3] == "bad"
    threading.Thread(target=serve_tcp, args=(listen, upstream, is_bad), daemon=True).start()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
    server.bind((listen, 53))
    asking = {}
    poll = select.poll()
    poll.register(server, select.POLLIN)
    late = []
    told = time.monotonic()
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        if now >= told + 1:
            told = now
            print(json.dumps(done), flush=True)
        for entry in [e for e in late if e[0] <= now]:
            late.remove(entry)
            server.sendto(entry[1], entry[2])
        for handle, _ in poll.poll(2):
            if handle == server.fileno():
                question, client = server.recvfrom(65536)
                if is_bad and chance.random() < 0.2:
                    done["lost"] += 1
                    continue
                one = asking.get(client)
                if one is None:
                    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    one.connect((upstream, 53))
                    asking[client] = one
                    asking[one.fileno()] = (one, client)
                    poll.register(one, select.POLLIN)
                one.send(question)
            else:
                one, client = asking[handle]
                try:
                    answer = one.recv(65536)
                except OSError:
                    continue
                if not is_bad:
                    late.append((now + DELAY, answer, client))
                    continue
                is_twice = chance.random() < 0.05
                done["twice"] += is_twice
                for _ in range(1 + is_twice):
                    late.append((now + chance.random() * DELAY, spoil(answer), client))


main()
