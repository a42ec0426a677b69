"""Sends questions, never the same twice, and waits for no answer.

flood.py SERVER RATE SECONDS

Prints the number of each second that has passed, and in the end how many questions were sent.
"""

import socket
import struct
import sys
import time

server, rate, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
clients = []
for _ in range(8):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((server, 53))
    client.setblocking(False)
    clients.append(client)
head = bytes.fromhex("010000010000000000000a")
tail = b"\x05flood\x04test\x00\x00\x01\x00\x01"
start = time.monotonic()
sent = told = 0
while told < seconds:
    for _ in range(64):
        question = struct.pack(">H", sent & 0xFFFF) + head + b"n%09d" % sent + tail
        try:
            clients[sent & 7].send(question)
        except OSError:
            pass    # the buffer is full, or an error that ICMP brought
        sent += 1
    passed = time.monotonic() - start
    if sent > passed * rate:
        time.sleep(sent / rate - passed)
    if passed >= told + 1:
        told += 1
        print(told, flush=True)
print(f"sent {sent}", flush=True)
