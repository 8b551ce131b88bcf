#!/usr/bin/env python3
"""Networks of Taffrail beside those of Docker Engine and podman: the same measurements in one run, in turn.

usage: network.py HOME [ROUNDS] [MANY]

HOME is the built image of the daemon. Needs root, busybox-static, docker.io, iperf3, perl-base, and podman where it is to be compared. Each engine has a
directory and a network namespace of its own, and a cable from there to a namespace "neighbour", from which published ports are reached as from another
machine. Measures, and prints as a table with ratios of Docker Engine's:

  run          docker run --rm IMAGE true on the default bridge, and with --network none; ROUNDS (40) times each
  throughput   iperf3 between two containers on one user-defined network, 3 times 5 seconds
  connections  made and closed one after another, with a published port: from the neighbour, and by the host's loopback; 3 times 3 seconds
  population   docker run -d on one network that has 0, 100 and MANY (500) containers, ten times each, beside --network none at the same moment
               (Taffrail alone: what a container costs must not grow)

Removes everything at the end.
"""
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HTTPD = "$s=IO::Socket::INET->new(LocalPort=>80,Listen=>1024,ReuseAddr=>1) or die; while($c=$s->accept){close $c}"
CLIENT = """
import socket, struct, sys, time
host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
count, end = 0, time.monotonic() + seconds
while time.monotonic() < end:
    with socket.create_connection((host, port), 5) as made:
        made.recv(1)
        count += 1
print(count / seconds)
"""


def command(*words, network=None, environment=None, check=True, text=""):
    prefix = ["nsenter", "--net=/run/netns/" + network] if network else []
    done = subprocess.run(
        prefix + list(words), env=dict(os.environ, **(environment or {})), input=text, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


def root_file_system(directory):
    """busybox, and iperf3 and perl with the libraries that they need."""
    os.makedirs(directory + "/bin")
    os.makedirs(directory + "/tmp")
    shutil.copy("/bin/busybox", directory + "/bin/busybox")
    for applet in command("/bin/busybox", "--list").split():
        if applet != "busybox":
            os.symlink("busybox", directory + "/bin/" + applet)
    files = {"/usr/bin/iperf3", "/usr/bin/perl"}
    for program in list(files):
        for line in command("ldd", program).splitlines():
            files.update(word for word in line.split() if word.startswith("/"))
    for file in files:
        target = directory + file
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(file, target)
    shutil.copytree("/usr/lib/x86_64-linux-gnu/perl-base", directory + "/usr/lib/x86_64-linux-gnu/perl-base")


class Engine:
    """One of those that are compared, with the commands of docker."""

    def __init__(self, name, root, number):
        self.name, self.directory = name, f"{root}/{name}"
        self.network = f"bench-{name}-{os.getpid()}"
        self.address = f"198.18.{number}.1"
        os.makedirs(self.directory)
        command("ip", "netns", "add", self.network)
        command("ip", "link", "set", "lo", "up", network=self.network)

    def cable(self, neighbour, number):
        command("ip", "link", "add", "cable", "type", "veth", "peer", "name", f"to{number}", "netns", neighbour, network=self.network)
        for network, link, address in ((self.network, "cable", self.address), (neighbour, f"to{number}", f"198.18.{number}.2")):
            command("ip", "address", "add", address + "/24", "dev", link, network=network)
            command("ip", "link", "set", link, "up", network=network)

    def docker(self, *words, check=True):
        return command(*self.client(), *words, network=self.network, check=check)

    def timed(self, *words):
        started = time.monotonic()
        self.docker(*words)
        return (time.monotonic() - started) * 1000

    def close(self):
        command("ip", "netns", "delete", self.network, check=False)


class Daemon(Engine):
    """An engine with a daemon."""

    def __init__(self, name, root, number, program):
        super().__init__(name, root, number)
        self.socket = f"unix://{self.directory}/sock"
        self.log = open(self.directory + "/log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["nsenter", "--net=/run/netns/" + self.network, *program, "-H", self.socket,
             "--data-root", self.directory + "/data", "--exec-root", self.directory + "/run"], stdout=self.log, stderr=self.log)
        for _ in range(300):
            if not subprocess.run([*self.client(), "version"], capture_output=True, check=False).returncode:
                return
            time.sleep(0.1)
        raise RuntimeError(name + " did not start")

    def client(self):
        return ["docker", "-H", self.socket]

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        super().close()


class Podman(Engine):
    """No daemon. Limits are named, since those that it takes by itself need CAP_SYS_RESOURCE."""

    def client(self):
        return ["podman", "--root", self.directory + "/data", "--runroot", self.directory + "/run", "--cgroup-manager", "cgroupfs",
                "--events-backend", "file"]

    def docker(self, *words, check=True):
        if words[0] == "run":
            words = ("run", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096", *words[1:])
        return super().docker(*words, check=check)


def row(title, values, unit):
    """Prints the values by engine, the first of which is Docker Engine's."""
    first = next(iter(values.values()))
    print(f"{title:34}" + "".join(f"  {name} {value:10.1f} {unit} ({value / first:4.2f})" for name, value in values.items()), flush=True)


def run(engines, rounds):
    for title, mode in (("run, default bridge", ()), ("run, none", ("--network", "none"))):
        times = {engine.name: [] for engine in engines}
        for turn in range(rounds + 8):
            for engine in engines:
                taken = engine.timed("run", "--rm", *mode, "bench", "true")
                if turn >= 8:
                    times[engine.name].append(taken)
        row(title + ", median", {name: statistics.median(taken) for name, taken in times.items()}, "ms")
        row(title + ", p90", {name: sorted(taken)[int(len(taken) * 0.9)] for name, taken in times.items()}, "ms")


def throughput(engines):
    rates = {engine.name: [] for engine in engines}
    for engine in engines:
        engine.docker("network", "create", "bench")
        engine.docker("run", "-d", "--name", "server", "--network", "bench", "bench", "iperf3", "-s")
    for _ in range(3):
        for engine in engines:
            address = engine.docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "server")
            said = json.loads(engine.docker("run", "--rm", "--network", "bench", "bench", "iperf3", "-c", address, "-t", "5", "-J"))
            rates[engine.name].append(said["end"]["sum_received"]["bits_per_second"] / 1e9)
    for engine in engines:
        engine.docker("rm", "-f", "server")
        engine.docker("network", "rm", "bench")
    row("iperf3 between containers", {name: statistics.median(rate) for name, rate in rates.items()}, "Gbit/s")


def connections(engines, neighbour):
    rates = {(engine.name, way): [] for engine in engines for way in ("neighbour", "loopback")}
    for engine in engines:
        engine.docker("run", "-d", "--name", "server", "-p", "8080:80", "bench", "perl", "-MIO::Socket::INET", "-e", HTTPD)
    time.sleep(1)
    for _ in range(3):
        for engine in engines:
            for way, network, host in (("neighbour", neighbour, engine.address), ("loopback", engine.network, "127.0.0.1")):
                said = command("/usr/bin/python3", "-", host, "8080", "3", network=network, text=CLIENT)
                rates[engine.name, way].append(float(said))
    for engine in engines:
        engine.docker("rm", "-f", "server")
    for way in ("neighbour", "loopback"):
        row("connections, " + way, {engine.name: statistics.median(rates[engine.name, way]) for engine in engines}, "/s")


def population(engine, many):
    engine.docker("network", "create", "--subnet", "10.99.0.0/16", "crowd")
    names, started = [], 0
    for count in (0, 100, many):
        begun = time.monotonic()
        while started < count:
            names.append(engine.docker("run", "-d", "--network", "crowd", "bench", "sleep", "100000"))
            started += 1
        filled = time.monotonic() - begun
        times = {"crowd": [], "none": []}
        for _ in range(10):
            for mode, taken in times.items():
                begun = time.monotonic()
                once = engine.docker("run", "-d", "--network", mode, "bench", "sleep", "100000")
                taken.append((time.monotonic() - begun) * 1000)
                engine.docker("rm", "-f", once)
        crowd, none = (statistics.median(taken) for taken in times.values())
        print(f"at {count:4} containers (filled in {filled:.1f} s): run -d {crowd:6.1f} ms, without a network {none:6.1f} ms, "
              f"difference {crowd - none:5.1f} ms", flush=True)
    begun = time.monotonic()
    engine.docker("rm", "-f", *names)
    print(f"{many} containers removed in {time.monotonic() - begun:.1f} s", flush=True)
    engine.docker("network", "rm", "crowd")


def main():
    home = sys.argv[1]
    rounds, many = (int(given) for given in (sys.argv[2:] + ["40", "500"][len(sys.argv) - 2:]))
    root = tempfile.mkdtemp(prefix="taffrail-bench")
    neighbour = f"bench-neighbour-{os.getpid()}"
    engines = []
    try:
        root_file_system(root + "/image")
        command("tar", "-C", root + "/image", "-cf", root + "/image.tar", ".")
        command("ip", "netns", "add", neighbour)
        engines.append(Daemon("docker", root, 0, ["dockerd", "--pidfile", root + "/docker/pid"]))
        engines.append(Daemon("taffrail", root, 1, [home + "/bin/taffraild"]))
        if shutil.which("podman"):
            engines.append(Podman("podman", root, 2))
        for number, engine in enumerate(engines):
            engine.cable(neighbour, number)
            engine.docker("import", root + "/image.tar", "bench")
        run(engines, rounds)
        throughput(engines)
        connections(engines, neighbour)
        population(engines[1], many)
    finally:
        for engine in engines:
            everything = engine.docker("ps", "-aq", check=False).split()
            if everything:
                engine.docker("rm", "-f", *everything, check=False)
            engine.close()
        command("ip", "netns", "delete", neighbour, check=False)
        for line in reversed(open("/proc/self/mounts", encoding="utf-8").read().splitlines()):
            if line.split()[1].startswith(root):
                command("umount", "-l", line.split()[1], check=False)
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
