#!/usr/bin/env python3
"""Reloads a server again and again under load, and then stops it: no query may be lost or answered wrong, nothing may leak.

    tests/bench/reloads.py                               500 reloads, 10,000 queries a second over UDP, 200 TCP connections
    tests/bench/reloads.py --reloads 100 --rate 2000 --connections 50
    tests/bench/reloads.py --server /opt/minidns/minidns

Configurations change listeners (all addresses, some, more and fewer sockets), zones and plugins, and every fourth is wrong. Every query
is asked once and has to be answered with its address. It prints what was asked and what came of it, and what the server holds of memory,
handles and threads on the way; it exits with 1 when a query was lost. Only loopback is used. Root is not needed.
"""
import argparse
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
PATIENCE = 5                    # seconds without a reply: the query is lost
MOVING, STAYING = '127.0.0.1', '127.0.0.2'
RDATA = bytes([192, 0, 2, 1])


def query(number):
    return number.to_bytes(2, 'big') + b'\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1'


def is_right(reply, number):
    return len(reply) > 12 and reply[:2] == number.to_bytes(2, 'big') and reply[3] & 15 == 0 and RDATA in reply


class Counts:
    """What became of queries; shared by processes."""
    names = ('asked', 'answered', 'wrong', 'lost', 'refused', 'closed')

    def __init__(self):
        self.values = {name: multiprocessing.Value('q', 0) for name in self.names}

    def add(self, name):
        self.values[name].value += 1        # one process writes

    def __getitem__(self, name):
        return self.values[name].value

    def __str__(self):
        return ', '.join(f'{self[name]} {name}' for name in self.names if self[name] or name in ('answered', 'wrong', 'lost'))


def ask_udp(port, rate, counts, end):
    """Sends so many queries a second from many sockets; each has one query under way, and so knows what became of it."""
    poll = select.epoll()
    sockets, under_way, idle = {}, {}, []
    for _ in range(400):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect((MOVING, port))
        s.setblocking(False)
        sockets[s.fileno()] = s
        idle.append(s.fileno())
        poll.register(s.fileno(), select.EPOLLIN)
    began, number, sent, looked = time.monotonic(), 0, 0, 0
    while True:
        now = time.monotonic()
        if not end.is_set():
            while idle and sent < (now - began) * rate:
                file = idle.pop()
                number = (number + 1) & 0xffff
                under_way[file] = (number, now)
                sent += 1
                counts.add('asked')
                try:
                    sockets[file].send(query(number))
                except ConnectionRefusedError:
                    counts.add('refused')
                    del under_way[file]
                    idle.insert(0, file)
        elif not under_way:
            return
        for file, _ in poll.poll(0.001):
            try:
                reply = sockets[file].recv(4096)
            except ConnectionRefusedError:
                counts.add('refused')
            except BlockingIOError:
                continue
            else:
                counts.add('answered' if file in under_way and is_right(reply, under_way[file][0]) else 'wrong')
            if under_way.pop(file, None):
                idle.insert(0, file)
        if now - looked > 0.5:
            looked = now
            for file, (_, when) in list(under_way.items()):
                if now - when > PATIENCE:
                    counts.add('lost')
                    del under_way[file]     # the socket is not used again: a late reply would be taken for another's


def ask_tcp(port, connections, counts, end):
    """Keeps connections, each with one query after another, twenty a second."""
    poll = select.epoll()
    streams, under_way, due = {}, {}, {}

    def connect():
        s = socket.create_connection((STAYING, port))
        s.setblocking(False)
        streams[s.fileno()] = s
        poll.register(s.fileno(), select.EPOLLIN)
        due[s.fileno()] = time.monotonic() + len(due) % 50 / 1000

    def has_ended(stream):
        try:
            return stream.recv(1, socket.MSG_PEEK) == b''
        except BlockingIOError:
            return False
        except OSError:
            return True

    def leave(file):
        poll.unregister(file)
        streams.pop(file).close()
        under_way.pop(file, None)
        due.pop(file, None)

    for _ in range(connections):
        connect()
    number = 0
    while True:
        now = time.monotonic()
        if not end.is_set():
            for file, when in list(due.items()):
                if now >= when and file not in under_way:
                    if has_ended(streams[file]):
                        leave(file)
                        continue
                    number = (number + 1) & 0xffff
                    under_way[file] = (number, now)
                    due[file] = now + 0.05
                    counts.add('asked')
                    try:
                        streams[file].send(b'\0\x18' + query(number))
                    except OSError:
                        counts.add('closed')
                        leave(file)
        elif not under_way:
            return
        for file, _ in poll.poll(0.005):
            try:
                reply = streams[file].recv(4096)
            except OSError:
                reply = b''
            if not reply:
                if file in under_way:
                    counts.add('closed')
                leave(file)
                continue
            counts.add('answered' if file in under_way and is_right(reply[2:], under_way[file][0]) else 'wrong')
            under_way.pop(file, None)
        for file, (_, when) in list(under_way.items()):
            if now - when > PATIENCE:
                counts.add('lost')
                leave(file)


def connect_anew(port, counts, end):
    """Connects, asks once and closes, over and over, where listeners come and go."""
    number = 0
    while not end.is_set():
        number = (number + 1) & 0xffff
        counts.add('asked')
        try:
            with socket.create_connection((MOVING, port), timeout=PATIENCE) as s:
                s.sendall(b'\0\x18' + query(number))
                reply = s.recv(4096)
            counts.add('answered' if is_right(reply[2:], number) else 'closed' if not reply else 'wrong')
        except TimeoutError:
            counts.add('lost')
        except ConnectionRefusedError:
            counts.add('refused')
        except OSError:
            counts.add('closed')
        time.sleep(0.002)


def corefiles(directory, port, free):
    """Configurations, good and wrong ones, in turn."""
    with open(os.path.join(directory, 'db.test'), 'w') as file:
        file.write('$ORIGIN test.\n@ 60 SOA ns hostmaster 1 60 60 600 60\n@ 60 NS ns\nns 60 A 192.0.2.2\na 60 A 192.0.2.1\n')
    hosts = 'hosts {\n 192.0.2.1 a.test\n fallthrough\n }'
    stays = f'test:{port} {{\n bind {STAYING}\n file {directory}/db.test\n}}\n'
    good = [
        f'.:{port} {{\n bind {MOVING}\n {hosts}\n whoami\n}}\n',
        f'test:{port} {{\n bind {MOVING}\n multisocket 4\n errors\n file {directory}/db.test\n}}\n',
        f'.:{port} {{\n {hosts}\n cache 30\n}}\nextra:{free} {{\n bind {MOVING}\n whoami\n}}\n',
        f'.:{port} {{\n bind {MOVING}\n multisocket 1\n cache\n {hosts}\n}}\nother:{port} {{\n bind {MOVING}\n whoami\n}}\n',
        f'.:{port} {{\n multisocket 3\n loadbalance\n minimal\n {hosts}\n}}\nextra:{free} {{\n bind 127.0.0.3\n health 127.0.0.1:{free + 1}\n whoami\n}}\n',
        f'.:{port} {{\n bind {MOVING} 127.0.0.4\n prometheus 127.0.0.1:{free + 2}\n file {directory}/db.test test\n forward . 127.0.0.9:9\n}}\n',
    ]
    wrong = [
        f'.:{port} {{\n bind {MOVING}\n hsts\n}}\n',
        f'.:{port} {{\n bind {MOVING}\n multisocket x\n whoami\n}}\n',
        f'.:{port} {{\n bind {MOVING}\n {hosts}\n}}\ntaken:{free + 3} {{\n bind {MOVING}\n whoami\n}}\n',
        f'test:{port} {{\n bind {MOVING}\n view v {{\n  expr what\n }}\n whoami\n}}\n',
    ]
    turn = 0
    while True:
        for i in range(3):
            yield good[(turn * 3 + i) % len(good)] + stays, True
        yield wrong[turn % len(wrong)] + stays, False
        turn += 1


class Server:
    def __init__(self, command, directory):
        self.corefile = os.path.join(directory, 'Corefile')
        self.command = [*command, '-conf', self.corefile]

    def write(self, text):
        with open(self.corefile + '.new', 'w') as file:
            file.write(text)
        os.rename(self.corefile + '.new', self.corefile)

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.wait_for('.NET ')

    def wait_for(self, *texts):
        for line in self.process.stdout:
            if any(text in line for text in texts):
                return line
        raise SystemExit('reloads.py: the server has ended')

    def reload(self, text, is_good):
        self.write(text)
        self.process.send_signal(signal.SIGUSR1)
        line = self.wait_for('Reloading complete', 'goes on')
        if ('complete' in line) != is_good:
            raise SystemExit(f'reloads.py: this configuration should {"" if is_good else "not "}work:\n{text}\n{line}')

    def holds(self):
        """Memory in MB, handles, threads."""
        process = f'/proc/{self.process.pid}'
        with open(process + '/status') as file:
            memory = next(int(line.split()[1]) for line in file if line.startswith('VmRSS'))
        return memory // 1024, len(os.listdir(process + '/fd')), len(os.listdir(process + '/task'))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--reloads', type=int, default=500)
    parser.add_argument('--rate', type=int, default=10_000, help='UDP queries a second')
    parser.add_argument('--connections', type=int, default=200, help='TCP connections')
    parser.add_argument('--port', type=int, default=5480, help='this port and the four after it are used')
    parser.add_argument('--server', nargs='+', help='the program; what is built in the repository by default')
    options = parser.parse_args()
    server = options.server or ['dotnet', os.path.join(REPOSITORY, 'src/MiniDns/bin/Release/net10.0/minidns.dll')]
    with tempfile.TemporaryDirectory(prefix='minidns-reloads-') as directory, socket.socket() as taken:
        taken.bind((MOVING, options.port + 4))
        taken.listen()
        running = Server(server, directory)
        try:
            sys.exit(run(options, running, directory))
        finally:
            running.process.kill()


def run(options, server, directory):
    configurations = corefiles(directory, options.port, options.port + 1)
    server.write(next(configurations)[0])
    server.start()
    end = multiprocessing.Event()
    udp, tcp, anew = Counts(), Counts(), Counts()
    clients = [
        multiprocessing.Process(target=ask_udp, args=(options.port, options.rate, udp, end), daemon=True),
        multiprocessing.Process(target=ask_tcp, args=(options.port, options.connections, tcp, end), daemon=True),
        multiprocessing.Process(target=connect_anew, args=(options.port, anew, end), daemon=True),
    ]
    for client in clients:
        client.start()
    time.sleep(1)
    print('reloads   MB  handles  threads  UDP answered')
    began = time.monotonic()
    for i in range(options.reloads):
        if i % max(1, options.reloads // 10) == 0:
            print('{:7} {:4} {:8} {:8} {:13}'.format(i, *server.holds(), udp['answered']), flush=True)
        text, is_good = next(configurations)
        server.reload(text, is_good)
    elapsed = time.monotonic() - began
    print('{:7} {:4} {:8} {:8} {:13}'.format(options.reloads, *server.holds(), udp['answered']))
    rate = udp['answered'] / (elapsed + 1)
    print(f'{options.reloads} reloads in {elapsed:.1f} s, under {rate:.0f} queries a second')
    for name, counts in (('UDP', udp), (f'{options.connections} connections', tcp), ('connecting anew', anew)):
        print(f'  {name}: {counts}')
    before = sum(counts[name] for counts in (udp, tcp, anew) for name in ('wrong', 'lost', 'refused', 'closed'))

    # Queries that come after the end are refused; of those before it each has to be answered.
    server.process.send_signal(signal.SIGTERM)
    server.process.stdout.read()
    code = server.process.wait()
    time.sleep(0.2)
    end.set()
    for client in clients:
        client.join()
    print(f'a stop under the same load, which ends with {code}:')
    for name, counts in (('UDP', udp), (f'{options.connections} connections', tcp), ('connecting anew', anew)):
        print(f'  {name}: {counts}')
    return 1 if before or code or udp['lost'] or udp['wrong'] or tcp['lost'] or tcp['wrong'] else 0


main()
