#!/usr/bin/env python3
"""Times `docker run --rm --network none IMAGE true` against several daemons, interleaved.

usage: docker_run.py ROUNDS IMAGE NAME=DOCKER_HOST...

Each round runs the command once for each daemon, in turn, so that what else the machine does hits all alike. Prints the median, the mean and
the 90th percentile in milliseconds, and each as a ratio of the first daemon's.
"""
import os
import statistics
import subprocess
import sys
import time


def run(host, image):
    environment = dict(os.environ, DOCKER_HOST=host)
    started = time.monotonic()
    subprocess.run(
        ["docker", "run", "--rm", "--network", "none", image, "true"],
        env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.monotonic() - started) * 1000


def main():
    rounds, image = int(sys.argv[1]), sys.argv[2]
    daemons = [argument.split("=", 1) for argument in sys.argv[3:]]
    for _ in range(max(5, rounds // 5)):
        for _, host in daemons:
            run(host, image)
    times = {name: [] for name, _ in daemons}
    for _ in range(rounds):
        for name, host in daemons:
            times[name].append(run(host, image))
    first = None
    for name, _ in daemons:
        values = sorted(times[name])
        median = statistics.median(values)
        first = first or median
        print(f"{name:12} median {median:7.1f} ms  mean {statistics.mean(values):7.1f} ms  "
              f"p90 {values[int(len(values) * 0.9)]:7.1f} ms  ratio {median / first:5.2f}")


if __name__ == "__main__":
    main()
