"""Answers questions in another server's name, faster than that server, from raw sockets. It sees every question; what it sends is what somebody
sends who does not.

spoofer.py INTERFACE SERVER

For each question over UDP to SERVER that passes INTERFACE, answers with the address 203.0.113.66 go out from SERVER's address and port: with other
ids, another name, type or class, as a question, without a question, to another port; the same from another port and another address, right in all
else; and at last, by turns, in another case, with another cookie, without a cookie. An answer to a name "rich..." is right in everything, and
carries records of strangers in all sections. One to "control..." is right in everything but the address: it must be believed, or else this
program does not do what it should. Prints "ready", and every second as JSON how many answers of each kind it sent.
"""

import collections
import json
import random
import select
import socket
import struct
import sys
import time

ETH_P_IP = 0x0800
COOKIE = 10
FORGED = bytes([203, 0, 113, 66])

chance = random.Random(11)
sent = collections.Counter()


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.strip(".").split(".")) + b"\0"


def record(owner, kind, data):
    return owner + struct.pack(">HHIH", kind, 1, 3600, len(data)) + data


def questions(packet):
    """The questions of a packet. What was sent with one system call passes a virtual interface in one piece: datagram behind datagram, each of them
    a question with or without an OPT record. An answer that took the rest along would have the right cookie in it."""
    datagram = packet[(packet[0] & 15) * 4:]
    rest = datagram[8:]
    while rest:
        question = Question(packet[12:16], struct.unpack(">H", datagram[0:2])[0], rest)
        yield question
        rest = rest[len(question.message):]


class Question:
    def __init__(self, source, port, octets):
        self.source, self.port = source, port
        end = 12
        while octets[end]:
            end += octets[end] + 1
        self.end = end + 5
        self.message = octets[:self.end + (11 + struct.unpack(">H", octets[self.end + 9:self.end + 11])[0] if octets[11] else 0)]
        self.name = self.message[12:end + 1]
        self.first = self.message[13:13 + self.message[12]].decode().lower()
        self.opt = self.message[self.end:] if self.message[11] else b""

    def cookie_at(self):
        """Where the cookie option's data begins in the OPT record, and how long it is; (0, 0) when there is none."""
        at = 11
        while at + 4 <= len(self.opt):
            code, length = struct.unpack(">HH", self.opt[at:at + 4])
            if code == COOKIE:
                return at + 4, length
            at += 4 + length
        return 0, 0

    def answer(self, answers=None, authority=(), additional=(), opt=None):
        answers = [record(b"\xc0\x0c", 1, FORGED)] if answers is None else answers
        opt = self.opt if opt is None else opt
        counts = struct.pack(">HHHH", 1, len(answers), len(authority), len(additional) + (1 if opt else 0))
        return self.message[:2] + b"\x84\x00" + counts + self.message[12:self.end] + b"".join(answers) + b"".join(authority) + b"".join(additional) + opt


def changed(message, at, octet):
    return message[:at] + bytes([octet]) + message[at + 1:]


def forgeries(question, number):
    """Kind, message, and what is changed of source address, source port and destination port."""
    right = question.answer()
    for _ in range(20):
        other = (struct.unpack(">H", right[:2])[0] + chance.randrange(1, 65536)) & 0xFFFF
        yield "other id", struct.pack(">H", other) + right[2:], {}
    yield "other name", changed(right, 14, right[14] ^ 1), {}
    yield "other type", changed(right, question.end - 3, right[question.end - 3] ^ 0x1C), {}
    yield "other class", changed(right, question.end - 1, 3), {}
    yield "a question", changed(right, 2, right[2] & 0x7F), {}
    yield "no question", right[:4] + b"\0\0" + right[6:12] + right[question.end:], {}
    yield "another address", right, {"source": "10.89.2.99"}
    yield "another port", right, {"source_port": 5353}
    yield "to another port", right, {"port": (question.port + 1) & 0xFFFF}

    # These give themselves away: the question goes over TCP then, and what comes after them over UDP is not looked at any more.
    at, length = question.cookie_at()
    kind = number % 3 if length > 8 else 0
    if kind == 0:
        letters = [i for i in range(13, question.end - 5) if chr(right[i]).isalpha()]
        letter = chance.choice(letters)
        yield "other case", changed(right, letter, right[letter] ^ 0x20), {}
    elif kind == 1:
        yield "other cookie", question.answer(opt=question.opt[:at] + bytes(8) + question.opt[at + 8:]), {}
    else:
        yield "no cookie", question.answer(opt=b""), {}


def rich(question):
    """What a server says that lies about names that are none of its business."""
    number = int("".join(c for c in question.first if c.isdigit()))
    address = bytes([10, number >> 16, number >> 8 & 255, number & 255])
    bank = wire("www.bank.test")
    answers = [record(b"\xc0\x0c", 1, address), record(bank, 1, FORGED)]
    authority = [record(wire("bank.test"), 2, wire("ns.bank.test")), record(wire("rich.bank.test"), 2, wire("ns.bank.test"))]
    additional = [record(wire("ns.bank.test"), 1, FORGED), record(bank, 1, FORGED)]
    at, length = question.cookie_at()
    opt = question.opt
    if length == 8:
        opt = opt[:at - 2] + struct.pack(">H", 24) + opt[at:at + 8] + bytes(16) + opt[at + 8:]
        opt = opt[:9] + struct.pack(">H", len(opt) - 11) + opt[11:]
    return question.answer(answers, authority, additional, opt)


def send(raw, question, message, server, source=None, source_port=53, port=None):
    datagram = struct.pack(">HHHH", source_port, question.port if port is None else port, 8 + len(message), 0) + message
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0, socket.inet_aton(source or server), question.source)
    raw.sendto(header + datagram, (socket.inet_ntoa(question.source), 0))


def main():
    interface, server = sys.argv[1], sys.argv[2]
    seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
    seen.bind((interface, ETH_P_IP))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    told = time.monotonic()
    number = 0
    print("ready", flush=True)
    while True:
        if time.monotonic() >= told + 0.2:
            told = time.monotonic()
            print(json.dumps(sent), flush=True)
        if not select.select([seen], [], [], 0.2)[0]:
            continue
        packet = seen.recv(65536)
        datagram = packet[(packet[0] & 15) * 4:]
        if packet[9] != 17 or packet[16:20] != socket.inet_aton(server) or datagram[2:4] != struct.pack(">H", 53):
            continue
        for question in questions(packet):
            if question.first.startswith("control"):
                sent["right"] += 1
                send(raw, question, question.answer(), server)
            elif question.first.startswith("rich"):
                sent["strangers"] += 1
                send(raw, question, rich(question), server)
            elif question.first.startswith("forged"):
                number += 1
                for kind, message, changes in forgeries(question, number):
                    sent[kind] += 1
                    send(raw, question, message, server, **changes)


main()
