"""reload_runs.py GATEWAY REWRITES

What `scripts/faults reload` does with the example service it built; see there.

The service logs to two files: `same`, whose emitter no content changes, and `out`, which each valid content
leads to another of eight files under rules of its own. So whichever content an event was judged by stands
in the name of the file that has it.
"""

import bisect
import collections
import datetime
import json
import multiprocessing
import os
import pathlib
import random
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from faultlib import Fault, require

FILES = 8
PHASES = 10  # of requests with rewrites; as many without, in turns
WITHIN = 1.0  # seconds from the last write of a burst until its content is in force
CONNECTIONS, PIPELINED = 4, 8
STATUS = b"HTTP/1.1 200"
NAMESPACES = ["Gateway.Server", "Gateway.Router"]


# ---------------------------------------------------------------- contents

def valid(number):
    """A content on one line, no beginning of which is valid; debug of one namespace tells its rules apart."""
    file = number % FILES
    return (
        f'{{"version": 1, "level": "info", "levels": {{"{NAMESPACES[file % 2]}": "debug", "None.{number}": "trace"}}, '
        f'"emitters": {{"same": {{"type": "json", "path": "same.jsonl", "level": "info"}}, '
        f'"out": {{"type": "json", "path": "out-{file}.jsonl"}}}}}}\n'
    ).encode()


def invalid(chance, number):
    good = valid(number)
    return chance.choice(
        [
            lambda: good[: chance.randrange(1, len(good) - 2)],
            lambda: good.replace(b'"level"', b'"levl"'),
            lambda: good.replace(b'"json"', b'"jsno"'),
            lambda: good.replace(b'"trace"', b'"tracee"'),
            lambda: good.replace(b"1", b"2", 1),
            lambda: good.replace(b'"out-', b'"/nonexistent/out-'),
            lambda: good + b"\0",
            lambda: b"",
            lambda: chance.randbytes(200),
            lambda: b"a: &a [x, x]\nb: [" + b"*a, " * 1000 + b"*a]\n",
            lambda: good * 9_000,
        ]
    )()


class Rewriter:
    """Puts contents into a file by the means that editors, deployments and accidents have."""

    def __init__(self, path, chance):
        self.path, self.chance = path, chance
        self.made = 0
        self.counts = collections.Counter()

    def put(self, content, kind):
        means = self.chance.choice([self.replace, self.in_place, self.link, self.anew, self.forbidden])
        means(content)
        self.counts[f"{kind}_{means.__name__}"] += 1

    def new(self, content):
        self.made += 1
        path = self.path.with_name(f"content-{self.made}")
        path.write_bytes(content)
        return path

    def replace(self, content):
        os.replace(self.new(content), self.path)

    def in_place(self, content):
        """Byte by byte, into whatever the path leads to."""
        with open(self.path, "wb", buffering=0) as file:
            step = 1 if len(content) < 1_000 else 4_096
            for start in range(0, len(content), step):
                file.write(content[start : start + step])

    def link(self, content):
        target = self.new(content)
        link = self.path.with_name("link")
        link.unlink(missing_ok=True)
        link.symlink_to(target.name)
        os.replace(link, self.path)

    def anew(self, content):
        self.path.unlink()
        time.sleep(self.chance.uniform(0, 0.02))
        self.path.write_bytes(content)

    def forbidden(self, content):
        """Nobody may read it for a while. A link that stands there is followed."""
        self.path.chmod(0)
        time.sleep(self.chance.uniform(0, 0.02))
        self.in_place(content)
        self.path.chmod(0o644)


# ---------------------------------------------------------------- requests

def client(port, worker, answered, ending):
    """Keeps connections busy until told to stop; every request has a name of its own."""
    selector = selectors.DefaultSelector()
    sent = 0

    def ask(connection):
        nonlocal sent
        requests = []
        for _ in range(PIPELINED):
            requests.append(f"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: {worker}-{sent}\r\n\r\n")
            sent += 1
        connection.sendall("".join(requests).encode())

    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        selector.register(connection, selectors.EVENT_READ, [0, b""])
        ask(connection)
    open_connections = CONNECTIONS
    while open_connections:
        for key, _ in selector.select(30):
            received = key.fileobj.recv(1 << 16)
            if not received:
                os._exit(3)
            received = key.data[1] + received
            key.data[0] += received.count(STATUS)
            # A status line may come in two parts.
            key.data[1] = received[1 - len(STATUS) :]
            while key.data[0] >= PIPELINED:
                key.data[0] -= PIPELINED
                with answered.get_lock():
                    answered.value += PIPELINED
                if ending.is_set():
                    selector.unregister(key.fileobj)
                    open_connections -= 1
                    break
                ask(key.fileobj)
    with answered.get_lock():
        require(answered.value == sent, f"{sent} requests, {answered.value} answers")


# ---------------------------------------------------------------- the run

def start(program, directory):
    command = [program, "--config", "logging.json", "--port", "0"]
    if os.getuid() == 0:
        # Root may read what nobody else may.
        shutil.chown(directory, 65534, 65534)
        directory.chmod(0o755)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
        os.umask(0o022)
    service = subprocess.Popen(
        command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    line = service.stderr.readline()
    require("listening on" in line, f"the service did not start: {line}")
    return service, int(line.rsplit(":", 1)[1])


def time_of(event):
    return datetime.datetime.fromisoformat(event["log_time"]).timestamp()


def last_time(path):
    """When the last whole line of a file was logged."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4_096))
            lines = file.read().splitlines(keepends=True)
    except FileNotFoundError:
        return 0.0
    for line in reversed(lines):
        if line.endswith(b"\n") and b'"log_time":' in line:
            return time_of(json.loads(line)) if line.startswith(b"{") else 0.0
    return 0.0


def wait_in_force(directory, number, written):
    """Seconds from the write until an event came by this content."""
    path = directory / f"out-{number % FILES}.jsonl"
    while True:
        logged = last_time(path)
        if logged > written:
            return logged - written
        require(time.time() < written + WITHIN + 5, f"content {number} is not in force after {WITHIN + 5} s")
        time.sleep(0.002)


def rewrite(rewriter, chance, directory, number, count, delays, windows):
    """A burst of contents, the last of which is valid and must then hold."""
    before = number
    for index in range(count):
        number += 1
        if index < count - 1 and chance.random() < 0.4:
            rewriter.put(invalid(chance, number), "invalid")
        else:
            # Another file than the one in force, so that it can be told from it.
            if index == count - 1 and number % FILES == before % FILES:
                number += 1
            rewriter.put(valid(number), "valid")
        if index < count - 1:
            time.sleep(chance.choice([0, 0, chance.uniform(0, 0.03), chance.uniform(0, 0.2)]))
    written = time.time()
    delay = wait_in_force(directory, number, written)
    delays.append(delay)
    # Threads that were on their way meanwhile may be a moment behind.
    begin = written + delay + 0.02
    time.sleep(0.05)
    windows.append((begin, time.time(), number % FILES))
    return number


def run(program, rewrites, seed):
    chance = random.Random(seed)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="txaio-reload-"))
    directory.chmod(0o755)
    shutil.copy(program, directory / "Gateway")
    path = directory / "logging.json"
    path.write_bytes(valid(0))
    service, port = start(directory / "Gateway", directory)
    answered, ending = multiprocessing.Value("q", 0), multiprocessing.Event()
    load = multiprocessing.Process(target=client, args=(port, "r", answered, ending))
    load.start()
    figures = {}
    try:
        rewriter = Rewriter(path, chance)
        number, delays, windows, rates = 0, [], [], {"with": [], "without": []}
        wait_in_force(directory, 0, time.time())
        left = rewrites
        for phase in range(PHASES):
            share = left // (PHASES - phase)
            left -= share
            begin, count = time.monotonic(), answered.value
            while share > 0:
                burst = min(share, chance.randrange(1, 20))
                number = rewrite(rewriter, chance, directory, number, burst, delays, windows)
                share -= burst
            spent = time.monotonic() - begin
            rates["with"].append((answered.value - count) / spent)
            begin, count = time.monotonic(), answered.value
            time.sleep(spent)
            rates["without"].append((answered.value - count) / (time.monotonic() - begin))
        resident = [line for line in open(f"/proc/{service.pid}/status") if line.startswith("VmHWM")]
        ending.set()
        load.join(60)
        require(load.exitcode == 0, f"the client ended with {load.exitcode}")
        service.send_signal(signal.SIGTERM)
        _, errors = service.communicate(timeout=60)
        require(service.returncode == 0, f"the service ended with {service.returncode}: {errors}")
        figures = examine(directory, errors, answered.value, windows)
        figures.update(
            rewrites=sum(rewriter.counts.values()),
            in_force_median=f"{statistics.median(delays):.3f}",
            in_force_worst=f"{max(delays):.3f}",
            requests_a_second=f"{statistics.median(rates['with']):.0f}",
            without_rewrites=f"{statistics.median(rates['without']):.0f}",
            throughput=f"{statistics.median(a / b for a, b in zip(rates['with'], rates['without'])):.3f}",
            resident_kib=resident[0].split()[1],
        )
        for name, value in sorted(rewriter.counts.items()):
            figures[name] = value
        require(max(delays) < WITHIN, f"a content was in force after {max(delays):.3f} s")
    finally:
        load.kill()
        service.kill()
        if figures:
            shutil.rmtree(directory)
        else:
            print(f"faults: what there was is in {directory}", file=sys.stderr)
    return figures


def examine(directory, errors, requests, windows):
    """Holds the files against the requests, the sequence numbers, and what the service counted itself."""
    seen, numbers, out_lines = collections.Counter(), collections.Counter(), 0
    windows = sorted(windows)
    changes = refused = 0
    for file in range(FILES):
        try:
            content = (directory / f"out-{file}.jsonl").read_bytes()
        except FileNotFoundError:
            continue
        for line in content.splitlines():
            try:
                event = json.loads(line)
            except ValueError as error:
                raise Fault(f"a torn line: {line[:200]}") from error
            out_lines += 1
            numbers[event["log_seq"]] += 1
            namespace = event["log_namespace"]
            if event["log_level"] == "debug":
                require(namespace == NAMESPACES[file % 2], f"rules were mixed in out-{file}: {line[:300]}")
            elif namespace == "Gateway.Server":
                seen[event["request_id"]] += 1
            elif namespace == "TxaioConfiguration":
                changes += event["log_format"].startswith("Configuration {generation} is in force")
                refused += event["log_format"].startswith("Configuration refused")
            for _, _, holds in windows_at(windows, time_of(event)):
                require(file == holds, f"out-{file} has an event from within out-{holds}'s time: {line[:300]}")
    require(len(seen) == requests, f"{requests} requests, events of {len(seen)}")
    require(max(seen.values()) == 1, f"doubled: {seen.most_common(3)}")
    require(max(numbers.values()) == 1, f"doubled: {numbers.most_common(3)}")
    same = collections.Counter()
    for line in (directory / "same.jsonl").read_bytes().splitlines():
        event = json.loads(line)
        if event["log_namespace"] == "Gateway.Server":
            same[event["request_id"]] += 1
    require(same == seen, f"'same' has {sum(same.values())} of {requests} events")
    # What no file has was stopped at the emitter between two contents, and counted.
    threads = collections.defaultdict(list)
    for name in numbers:
        start, thread, sequence = name.split("-")
        threads[thread].append(int(sequence))
    missing = sum(max(held) - min(held) + 1 - len(held) for held in threads.values())
    ledger = collections.defaultdict(collections.Counter)
    for line in errors.splitlines():
        if line.startswith("ledger: "):
            name, _, rest = line.removeprefix("ledger: ").rpartition(": ")
            counts = {key: int(value) for key, value in (pair.split("=") for pair in rest.split())}
            # An emitter that goes on under other options is another one; together they had all events.
            ledger[name.removeprefix("retired ")].update(counts)
    out = ledger["out"]
    require(out["handedOver"] == out_lines, f"counted {out['handedOver']}, in the files {out_lines}")
    require(out["dropped"] == out["inFlight"] == 0, f"{out}")
    for name in ("out", "same"):
        counts = ledger[name]
        require(
            ledger[""]["offered"] == counts["accepted"] + counts["filtered"] + ledger[""]["refused"],
            f"the ledger does not balance: {ledger}",
        )
    require(missing <= out["filtered"], f"{missing} numbers are missing, {out['filtered']} were filtered")
    return {
        "requests": requests,
        "events": out_lines,
        "lost": 0,
        "doubled": 0,
        "filtered_between": out["filtered"],
        "numbers_missing": missing,
        "changes": changes,
        "refused": refused,
        "checked_windows": len(windows),
    }


def windows_at(windows, moment):
    index = bisect.bisect_right(windows, (moment, float("inf"), FILES)) - 1
    if index >= 0 and windows[index][0] <= moment < windows[index][1]:
        yield windows[index]


def main():
    program, rewrites = sys.argv[1], int(sys.argv[2])
    seed = int(os.environ.get("TXAIO_SEED") or random.SystemRandom().randrange(1 << 32))
    try:
        figures = run(program, rewrites, seed)
    except Fault as fault:
        print(f"fault {fault}; seed {seed}")
        sys.exit(1)
    print("; ".join(f"{name} {value}" for name, value in figures.items()) + f"; seed {seed}")


if __name__ == "__main__":
    main()
