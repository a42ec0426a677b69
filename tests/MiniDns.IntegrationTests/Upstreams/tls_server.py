"""Answers every question over TLS with 192.0.2.80, and tells whether connections resume a session.

tls_server.py ADDRESS CERTIFICATE KEY VERSION

VERSION is 1.2 or 1.3. Prints "VERSION new" or "VERSION resumed" for each connection, and "closed" when one ends.
"""

import socket
import ssl
import struct
import sys
import threading

address, certificate, key, version = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2 if version == "1.2" else ssl.TLSVersion.TLSv1_3


def serve(plain):
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            print(version, "resumed" if connection.session_reused else "new", flush=True)
            stream = connection.makefile("rb")
            while len(prefix := stream.read(2)) == 2:
                question = stream.read(struct.unpack(">H", prefix)[0])
                end = 12
                while question[end]:
                    end += question[end] + 1
                answer = question[:2] + bytes.fromhex("81800001000100000000") + question[12:end + 5] + bytes.fromhex("c00c000100010000012c0004c0000250")
                connection.sendall(struct.pack(">H", len(answer)) + answer)
    except OSError:
        pass
    print("closed", flush=True)


server = socket.create_server((address, 853))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
