#!/usr/bin/env python3
"""Repeats the performance table of the README on this machine: MiniDns beside Debian's servers, in one run.

    tests/bench/compare.py                       everything, about ten minutes
    tests/bench/compare.py hosts zone tcp        some workloads
    tests/bench/compare.py --rounds 1 --seconds 2

It prints a Markdown table. Each server runs on processor 0 and the load on processor 1; rounds of the servers alternate, and the median
round counts. CPU time is what /proc says of the server and its children, divided by the answers: the figure to trust on a busy machine,
and the ratio between two servers of one run is what carries over to another. Only loopback is used, ports 5400 to 5499.

Nothing is installed: Debian packages that are missing are named, with the command that installs them. Root is not needed.
"""
import argparse
import glob
import os
import platform
import random
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
TOOLS = {'gcc': 'gcc', 'taskset': 'util-linux', 'dnsperf': 'dnsperf', 'knotd': 'knot', 'nsd': 'nsd', 'unbound': 'unbound',
         'dnsdist': 'dnsdist', 'dnsmasq': 'dnsmasq-base', 'dotnet': None}
NAMES = 10_000
MANY_NAMES = 1_000_000
MANY_CLIENTS = 512
KERNEL_WAYS = ['one', 'wait-for-one', 'busy-poll', 'gro', 'gro-gso', 'uring', 'unsteered', 'steered', 'bpf', 'batch', 'gso']
os.environ['PATH'] += ':/usr/sbin:/sbin'


class Failure(Exception):
    """Something that the user has to know; the run ends."""


class Server:
    """A program that answers on a port of its own."""
    next_port = 5401

    def __init__(self, name, directory):
        self.name = name
        self.directory = os.path.join(directory, name)
        os.makedirs(self.directory, exist_ok=True)
        self.port = Server.next_port
        Server.next_port += 1
        self.process = None
        self.processors = '0'

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, 'w') as file:
            file.write(text)
        return path

    def start(self, command):
        self.log = os.path.join(self.directory, 'log')
        with open(self.log, 'w') as log:
            self.process = subprocess.Popen(['taskset', '-c', self.processors, *command], stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def wait(self, name, seconds=60):
        """Waits until an A record of a name is answered; returns the seconds since the call."""
        began = time.monotonic()
        while not self.answers(name):
            if self.process.poll() is not None or time.monotonic() - began > seconds:
                with open(self.log) as log:
                    raise Failure(f'{self.name} does not answer; it said:\n{log.read()[-2000:]}')
            time.sleep(0.002)
        return time.monotonic() - began

    def answers(self, name):
        labels = b''.join(bytes([len(label)]) + label.encode() for label in name.split('.'))
        query = struct.pack('>HHHHHH', 1, 0x0100, 1, 0, 0, 0) + labels + b'\0\0\1\0\1'
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.05)
            try:
                client.sendto(query, ('127.0.0.1', self.port))
                reply = client.recv(4096)
            except OSError:
                return False
        return reply[3] & 15 == 0 and reply[6:8] != b'\0\0'

    def processes(self):
        found = [self.process.pid]
        for pid in found:
            for children in glob.glob(f'/proc/{pid}/task/*/children'):
                with open(children) as file:
                    found += [int(child) for child in file.read().split()]
        return found

    def cpu(self):
        """User and system time of the server and its children, in seconds."""
        ticks = [0, 0]
        for pid in self.processes():
            with open(f'/proc/{pid}/stat') as file:
                fields = file.read().rsplit(')', 1)[1].split()
            ticks[0] += int(fields[11])
            ticks[1] += int(fields[12])
        return [t / os.sysconf('SC_CLK_TCK') for t in ticks]

    def memory(self):
        """Resident memory in MB."""
        total = 0
        for pid in self.processes():
            with open(f'/proc/{pid}/status') as file:
                total += int(re.search(r'VmRSS:\s+(\d+)', file.read())[1])
        return total / 1024

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.load = os.path.join(directory, 'load')
        subprocess.run(['gcc', '-O2', '-o', self.load, os.path.join(HERE, 'load.c')], check=True)
        self.command = self.build()
        self.rows = []
        self.zone = self.write_zone('example.org.zone', NAMES)
        self.hosts = os.path.join(directory, 'hosts')
        with open(self.hosts, 'w') as file:
            file.writelines(f'{self.address(i)} host{i}.example.org\n' for i in range(NAMES))
        picks = random.Random(1)
        self.known = self.write_names('known', (f'host{picks.randrange(NAMES)}.example.org' for _ in range(50_000)))
        self.unknown = self.write_names('unknown', (f'nope{picks.randrange(10 ** 9)}.example.org' for _ in range(50_000)))

    # what is asked and served

    @staticmethod
    def address(number):
        return f'10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}'

    def write_zone(self, name, names):
        path = os.path.join(self.directory, name)
        with open(path, 'w') as file:
            file.write('$ORIGIN example.org.\n$TTL 3600\n@ SOA ns1 admin 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n')
            file.writelines(f'host{i} A {self.address(i)}\n' for i in range(names))
        return path

    def write_names(self, name, names):
        path = os.path.join(self.directory, name)
        with open(path, 'w') as file:
            file.writelines(f'{n}\n' for n in names)
        return path

    def build(self):
        if self.options.program is not None:
            return ['dotnet', self.options.program] if self.options.program.endswith('.dll') else [self.options.program]
        out = os.path.join(REPOSITORY, 'artifacts', 'bench')
        subprocess.run(['dotnet', 'build', os.path.join(REPOSITORY, 'src', 'MiniDns'), '-c', 'Release', '-o', out, '-v', 'quiet', '--nologo'], check=True)
        return ['dotnet', os.path.join(out, 'minidns.dll')]

    # the servers

    def minidns(self, body, zone='.'):
        server = Server('minidns', self.directory)
        conf = server.write('Corefile', f'{zone}:{server.port} {{\n    bind 127.0.0.1\n    {body}\n}}\n')
        server.start([*self.command, '-quiet', '-conf', conf])
        return server

    def knot(self, zone=None):
        server = Server('knot', self.directory)
        conf = server.write('knot.conf', f'''server:
    listen: 127.0.0.1@{server.port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    rundir: {server.directory}
database:
    storage: {server.directory}
zone:
  - domain: example.org
    file: {zone or self.zone}
    zonefile-sync: -1
    journal-content: none
''')
        server.start(['knotd', '-c', conf])
        return server

    def nsd(self):
        server = Server('nsd', self.directory)
        conf = server.write('nsd.conf', f'''server:
  server-count: 1
  ip-address: 127.0.0.1@{server.port}
  username: ""
  zonesdir: {self.directory}
  pidfile: {server.directory}/pid
  xfrdfile: {server.directory}/xfrd
  zonelistfile: {server.directory}/list
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example.org
  zonefile: {self.zone}
''')
        server.start(['nsd', '-d', '-c', conf])
        return server

    def unbound(self, upstream):
        server = Server('unbound', self.directory)
        conf = server.write('unbound.conf', f'''server:
  interface: 127.0.0.1@{server.port}
  do-daemonize: no
  username: ""
  chroot: ""
  num-threads: 1
  use-syslog: no
  pidfile: ""
  module-config: "iterator"
  do-not-query-localhost: no
  msg-cache-size: 64m
  rrset-cache-size: 128m
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{upstream.port}
''')
        server.start(['unbound', '-d', '-c', conf])
        return server

    def dnsdist(self, upstream, cache):
        server = Server('dnsdist', self.directory)
        kept = 'cache = newPacketCache(200000, {maxTTL=86400})\ngetPool(""):setCache(cache)\n' if cache else ''
        conf = server.write('dnsdist.conf', f'setLocal("127.0.0.1:{server.port}")\nnewServer({{address="127.0.0.1:{upstream.port}", sockets=1}})\n{kept}')
        server.start(['dnsdist', '--supervised', '--disable-syslog', '-C', conf])
        return server

    def dnsmasq(self):
        server = Server('dnsmasq', self.directory)
        user = [f'--user={os.environ.get("USER", "root")}'] if os.geteuid() == 0 else []
        server.start(['dnsmasq', '-k', '-p', str(server.port), '-a', '127.0.0.1', '-h', '-H', self.hosts, '-C', '/dev/null', '--pid-file=', *user])
        return server

    def echo(self):
        server = Server('echo', self.directory)
        server.start([self.load, str(server.port), 'echo'])
        return server

    # measuring

    def blast(self, server, names, seconds, *mode):
        out = subprocess.run(['taskset', '-c', '1', self.load, str(server.port), names, str(seconds), *map(str, mode)], check=True, capture_output=True, text=True)
        words = out.stdout.split()
        return dict(zip(words[::2], map(float, words[1::2])))

    def dnsperf(self, server, names, seconds):
        """Over 20 kept connections, 200 queries under way in all."""
        pairs = names + '.dnsperf'
        if not os.path.exists(pairs):
            with open(names) as given, open(pairs, 'w') as file:
                file.writelines(f'{line.strip()} A\n' for line in given)
        out = subprocess.run(['taskset', '-c', '1', 'dnsperf', '-m', 'tcp', '-c', '20', '-q', '200', '-s', '127.0.0.1', '-p', str(server.port),
                              '-d', pairs, '-l', str(seconds)], check=True, capture_output=True, text=True).stdout
        return {'answered': float(re.search(r'Queries completed:\s+(\d+)', out)[1]), 'lost': float(re.search(r'Queries lost:\s+(\d+)', out)[1])}

    def side_by_side(self, what, servers, names, run=None):
        """CPU time per query of some servers; the last one is MiniDns, or the only one."""
        try:
            for server in servers:
                server.wait('host1.example.org')
                (run or self.blast)(server, names, 4, *(() if run else ('window', self.options.window)))
            rounds = {server: [] for server in servers}
            for _ in range(self.options.rounds):
                for server in servers:
                    before = server.cpu()
                    result = (run or self.blast)(server, names, self.options.seconds, *(() if run else ('window', self.options.window)))
                    spent = sum(server.cpu()) - sum(before)
                    rounds[server].append((spent / max(1, result['answered']) * 1e6, result['answered'] / self.options.seconds))
            median = {s: [statistics.median(r[i] for r in rounds[s]) for i in (0, 1)] for s in servers}
            *peers, ours = servers
            self.row(what,
                     ', '.join(f'{p.name} {median[p][0]:.2f} µs' for p in peers),
                     f'{median[ours][0]:.2f} µs',
                     ', '.join(f'{median[ours][0] / median[p][0]:.2f}' for p in peers),
                     f'{median[ours][1]:,.0f}')
        finally:
            for server in servers:
                server.stop()

    def row(self, *cells):
        self.rows.append(cells)
        print('  '.join(c for c in cells if c), file=sys.stderr, flush=True)

    # the workloads

    def run_hosts(self):
        self.side_by_side('hosts file, 10,000 names', [self.dnsmasq(), self.minidns(f'hosts {self.hosts}')], self.known)

    def run_zone(self):
        self.side_by_side('zone of 10,000 names: A', [self.knot(), self.nsd(), self.minidns(f'file {self.zone}', 'example.org')], self.known)

    def run_clients(self):
        """No two queries of a batch are of one client: replies cannot be joined."""
        self.side_by_side(f'the same, {MANY_CLIENTS} clients with two queries each', [self.knot(), self.nsd(), self.minidns(f'file {self.zone}', 'example.org')], self.known,
                          lambda server, names, seconds: self.blast(server, names, seconds, 'window', 2 * MANY_CLIENTS, MANY_CLIENTS))

    def run_nxdomain(self):
        self.side_by_side('the same zone: NXDOMAIN', [self.knot(), self.nsd(), self.minidns(f'file {self.zone}', 'example.org')], self.unknown)

    def run_cache(self):
        self.with_upstream('cache, every query a hit', lambda u: [
            self.unbound(u), self.dnsdist(u, cache=True),
            self.minidns(f'forward . 127.0.0.1:{u.port}\n    cache 300 {{\n        success 100000\n    }}')])

    def run_forward(self):
        self.with_upstream('forward, every query upstream', lambda u: [self.dnsdist(u, cache=False), self.minidns(f'forward . 127.0.0.1:{u.port}')])

    def with_upstream(self, what, servers):
        upstream = self.knot()
        try:
            upstream.wait('host1.example.org')
            self.side_by_side(what, servers(upstream), self.known)
        finally:
            upstream.stop()

    def run_tcp(self):
        self.side_by_side('TCP: 20 connections, 200 queries under way', [self.knot(), self.minidns(f'file {self.zone}', 'example.org')], self.known, self.dnsperf)

    def run_limit(self):
        self.side_by_side('for comparison: a C loop that only receives and sends', [self.echo()], self.known)

    def run_load(self):
        zone = self.write_zone('many.zone', MANY_NAMES)
        results = {}
        for start in (lambda: self.knot(zone), lambda: self.minidns(f'file {zone}', 'example.org')):
            server = start()
            try:
                seconds = server.wait(f'host{MANY_NAMES - 1}.example.org')
                time.sleep(1)
                results[server.name] = seconds, server.memory()
            finally:
                server.stop()
        os.remove(zone)
        (theirs, their_memory), (ours, our_memory) = results['knot'], results['minidns']
        self.row('zone of 1,000,000 names: start to first answer', f'knot {theirs:.2f} s, {their_memory:.0f} MB', f'{ours:.2f} s, {our_memory:.0f} MB',
                 f'{ours / theirs:.2f}, memory {our_memory / their_memory:.2f}', '')

    def run_start(self):
        seconds, memory = [], []
        for _ in range(max(3, self.options.rounds)):
            server = self.minidns('errors\n    hosts /dev/null {\n        192.0.2.1 host1.example.org\n        fallthrough\n    }\n    cache\n    forward . 127.0.0.1:5499')
            try:
                seconds.append(server.wait('host1.example.org'))
                time.sleep(1)
                memory.append(server.memory())
            finally:
                server.stop()
        self.row('small Corefile: start to first answer', '', f'{statistics.median(seconds):.2f} s, {statistics.median(memory):.0f} MB', '', '')

    def run_latency(self):
        """At half of what each server can do, beside knot and beside the bare loop, which shows what the machine itself adds."""
        servers = [self.echo(), self.knot(), self.minidns(f'file {self.zone}', 'example.org')]
        try:
            cells = []
            for server in servers:
                server.wait('host1.example.org')
                self.blast(server, self.known, 4, 'window', self.options.window)
                full = self.blast(server, self.known, 4, 'window', self.options.window)
                rate = int(full['answered'] / full['seconds'] / 2)
                result = self.blast(server, self.known, self.options.latency_seconds, 'rate', rate)
                lost = f'; {result["lost"]:.0f} lost' if result['lost'] else ''
                cells.append((f'{result["median_us"]:.0f} µs, 99 %: {result["p99_us"]:.0f} µs ({result["p99_us"] / result["median_us"]:.1f} ×){lost}', rate))
            self.row(f'latency at half load, {self.options.latency_seconds} s: median', ', '.join(f'{s.name} {c[0]}' for s, c in zip(servers[:-1], cells)), cells[-1][0], '',
                     f'{cells[-1][1]:,}')
        finally:
            for server in servers:
                server.stop()

    def run_kernel(self):
        """What the kernel offers, by a server that does nothing else (kernel.c); not in the table of the README."""
        program = os.path.join(self.directory, 'kernel')
        subprocess.run(['cc', '-O2', '-o', program, os.path.join(HERE, 'kernel.c'), '-luring'], check=True)
        servers = []
        try:
            for way in KERNEL_WAYS:
                server = Server(way, self.directory)
                server.processors = '0,1' if way in ('steered', 'unsteered', 'bpf') else '0'
                servers.append(server)
                server.start([program, str(server.port), way])
            self.side_by_side('ways of the kernel; the last one is what MiniDns does', servers, self.known)
        finally:
            for server in servers:
                server.stop()


def machine():
    model = 'unknown processor'
    with open('/proc/cpuinfo') as file:
        found = re.search(r'model name\s*:\s*(.+)', file.read())
        model = found[1] if found else model
    with open('/proc/meminfo') as file:
        memory = int(re.search(r'MemTotal:\s+(\d+)', file.read())[1]) / 1024 ** 2
    virtual = ', virtual' if os.path.exists('/sys/hypervisor') or 'hypervisor' in open('/proc/cpuinfo').read() else ''
    runtime = subprocess.run(['dotnet', '--list-runtimes'], capture_output=True, text=True).stdout
    dotnet = max(re.findall(r'Microsoft\.NETCore\.App (\S+)', runtime), default='?')
    packages = subprocess.run(['dpkg-query', '-W', '-f', '${Package} ${Version}\n', *sorted({p for p in TOOLS.values() if p and p not in ('gcc', 'util-linux')})],
                              capture_output=True, text=True).stdout.split('\n')
    versions = ', '.join(re.sub(r'^(\S+) ([\d.]+).*', r'\1 \2', p) for p in packages if p)
    return f'{model}, {os.cpu_count()} processors{virtual}, {memory:.0f} GB; Linux {platform.release()}; .NET {dotnet}; {versions}'


def main():
    workloads = [name[4:] for name in dir(Bench) if name.startswith('run_')]
    order = ['limit', 'hosts', 'cache', 'forward', 'zone', 'clients', 'nxdomain', 'tcp', 'load', 'start', 'latency']
    assert sorted(workloads) == sorted([*order, 'kernel'])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('workloads', nargs='*', choices=[*order, 'kernel', []], help='what to measure: ' + ', '.join(order) + ', all of them by default; kernel (needs liburing-dev)', metavar='WORKLOAD')
    parser.add_argument('--rounds', type=int, default=3, help='rounds of each server (3)')
    parser.add_argument('--seconds', type=int, default=4, help='seconds of a round (4)')
    parser.add_argument('--latency-seconds', type=int, default=60, help='seconds of the latency run (60)')
    parser.add_argument('--window', type=int, default=1000, help='UDP queries under way (1000)')
    parser.add_argument('--program', help='a minidns or minidns.dll to measure; by default this repository is built')
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        packages = ' '.join(sorted({TOOLS[tool] for tool in missing if TOOLS[tool]}))
        if packages:
            print(f'missing: {", ".join(missing)}. On Debian:\n\n    apt-get install --no-install-recommends {packages}\n\n'
                  'Some of these packages start their server on port 53 when they are installed; `systemctl disable --now NAME` ends that.', file=sys.stderr)
        if 'dotnet' in missing:
            print('missing: the .NET SDK; global.json names its version', file=sys.stderr)
        return 2
    if os.cpu_count() < 2:
        print('two processors are needed: one for the server and one for the load', file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix='minidns-bench-') as directory:
        os.chmod(directory, 0o755)
        bench = Bench(options, directory)
        try:
            for workload in options.workloads or order:
                getattr(bench, 'run_' + workload)()
        except Failure as failure:
            print(failure, file=sys.stderr)
            return 1
        print(f'\n{machine()}\n')
        print('| workload | peers | MiniDns | ratio | answers a second |\n|---|---|---|---|---|')
        for cells in bench.rows:
            print('| ' + ' | '.join(cells) + ' |')
    return 0


if __name__ == '__main__':
    sys.exit(main())
