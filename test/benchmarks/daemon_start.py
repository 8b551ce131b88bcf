#!/usr/bin/env python3
"""Times a start of the daemon that finds many containers.

usage: daemon_start.py HOME BUSYBOX-ROOT [KNOWN] [RUNNING] [ROUNDS]

HOME is the built image of the daemon, BUSYBOX-ROOT a directory with a root file system. Creates KNOWN containers (1000) in a daemon of its own,
starts RUNNING of them (200), kills the daemon with SIGKILL, and starts it again: how long until /_ping answers, until the containers are
listed, and until all running ones are listed as running. The daemon is in a network namespace of its own. Removes everything at the end.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=300)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(300)
        self.sock.connect(self.path)


class Daemon:
    def __init__(self, home, root):
        self.home, self.root = home, root
        self.socket = root + "/t.sock"
        self.network = "taffrail-start-" + str(os.getpid())
        self.process = None

    def launch(self):
        with open(self.root + "/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["nsenter", "--net=/run/netns/" + self.network, self.home + "/bin/taffraild", "-H", "unix://" + self.socket,
                 "--data-root", self.root + "/data", "--exec-root", self.root + "/run"], stdout=log, stderr=log)

    def call(self, method, path, body=None):
        connection = Connection(self.socket)
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {data!r}")
        return json.loads(data) if data[:1] in (b"{", b"[") else data

    def until(self, ready):
        started = time.monotonic()
        while True:
            try:
                if ready():
                    return time.monotonic() - started
            except (OSError, RuntimeError, http.client.HTTPException):
                pass
            if self.process.poll() is not None or time.monotonic() - started > 120:
                raise SystemExit("The daemon did not start: see " + self.root + "/log")
            time.sleep(0.002)


def main():
    home, image = sys.argv[1:3]
    known, running, rounds = (int(text) for text in (sys.argv[3:] + ["1000", "200", "3"][len(sys.argv) - 3:]))
    root = tempfile.mkdtemp(prefix="taffrail-start")
    daemon = Daemon(home, root)
    subprocess.run(["ip", "netns", "add", daemon.network], check=True)
    ids = []
    try:
        daemon.launch()
        daemon.until(lambda: daemon.call("GET", "/_ping"))
        archive = subprocess.run(["tar", "-C", image, "-c", "."], check=True, capture_output=True).stdout
        subprocess.run(["docker", "import", "-", "bb:1"], input=archive, check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, DOCKER_HOST="unix://" + daemon.socket))
        body = {"Image": "bb:1", "Cmd": ["sleep", "100000"], "HostConfig": {"NetworkMode": "none"}}
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            ids += pool.map(lambda _: daemon.call("POST", "/containers/create", body)["Id"], range(known))
        created = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: daemon.call("POST", f"/containers/{one}/start"), ids[:running]))
        print(f"created {known} in {created - began:.1f} s, started {running} in {time.monotonic() - created:.1f} s")
        for _ in range(rounds):
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
            began = time.monotonic()
            daemon.launch()
            daemon.until(lambda: daemon.call("GET", "/_ping"))
            ping = time.monotonic() - began
            found = daemon.call("GET", "/containers/json?all=1")
            listed = time.monotonic() - began
            alive = sum(one["State"] == "running" for one in found)
            if len(found) != known or alive != running:
                raise SystemExit(f"{len(found)} containers found, {alive} of them running")
            daemon.call("POST", f"/containers/{ids[0]}/kill?signal=CONT")
            print(f"ping after {ping:.2f} s, ps -a after {listed:.2f} s, a signal delivered after "
                  f"{time.monotonic() - began:.2f} s")
    finally:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: daemon.call("DELETE", f"/containers/{one}?force=1"), ids))
        daemon.process.terminate()
        daemon.process.wait()
        subprocess.run(["ip", "netns", "delete", daemon.network], check=True)
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
