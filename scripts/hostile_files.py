"""hostile_files.py GATEWAY

What `scripts/faults hostile` does with the example service it built; see there.
"""

import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from faultlib import Fault, require
from reload_runs import start, time_of

GOOD = '{"version": 1, "level": "info", "emitters": {"out": {"type": "json", "path": "out.jsonl"}}}\n'
GROWTH = 16 << 10  # KiB of resident set that all of them together may cost


def text(content):
    def make(path):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o644)

    return make


def sparse(path):
    with open(path, "wb") as file:
        file.truncate(1 << 30)
    path.chmod(0o644)


def unreadable(path):
    path.write_text(GOOD)
    path.chmod(0)


def tree(depth):
    return "a: " + "[" * depth + "]" * depth


def bombs():
    """Each level holds ten of the one before."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 12)]
    return "\n".join(lines) + "\n"


# Name, what makes it, and what the refusal must say.
HOSTILE = [
    ("alias bomb", text(bombs()), ""),
    ("1 GiB, sparse", sparse, "larger than 1 MiB"),
    ("FIFO", lambda path: os.mkfifo(path, 0o644), "a FIFO"),
    ("/dev/zero", lambda path: path.symlink_to("/dev/zero"), "a device"),
    ("directory", lambda path: path.symlink_to("/tmp"), "a directory"),
    ("a link to itself", lambda path: path.symlink_to("logging.json"), "symbolic links"),
    ("unreadable", unreadable, "Permission denied"),
    ("nested 100,000 deep", text(tree(100_000)), ""),
    ("nested without an end", text("[" * 500_000), ""),
    ("duplicate keys", text("version: 1\nlevel: info\nlevel: debug\nemitters: {out: {type: json}}\n"), "3:1"),
    ("wrong types", text("version: 1\nlevel: [info]\nemitters: 7\n"), "2:8"),
    ("unknown emitter", text("version: 1\nemitters: {out: {type: jsno}}\n"), "did you mean 'json'?"),
    ("unknown key", text("version: 1\nlevle: info\nemitters: {out: {type: json}}\n"), "did you mean 'level'?"),
    ("NUL", text(b"version: 1\0\n"), "a NUL"),
    ("UTF-16", text(GOOD.encode("utf-16")), "UTF-16"),
    ("UTF-32", text(GOOD.encode("utf-32")), "UTF-"),
    ("no UTF-8", text(b"version: 1\nlevel: \xff\xfe\n"), "UTF-8"),
    ("random bytes", text(os.urandom(4096)), ""),
    ("empty", text(b""), ""),
    ("a key of 900 KB", text("k" * 900_000 + ": 1\n"), ""),
    ("100,000 keys", text("".join(f"k{n}: 1\n" for n in range(100_000))), ""),
    ("100,000 rules", text('version: 1\nlevels: {' + ", ".join(f"n{n}: info" for n in range(60_000)) + "}\n"), ""),
]
# Odd, but sound.
ACCEPTED = [
    ("BOM", text(b"\xef\xbb\xbf" + GOOD.replace("info", "debug").encode())),
    ("CRLF", text("version: 1\r\nlevel: info\r\nemitters:\r\n  out: {type: json, path: out.jsonl}\r\n")),
]


class Service:
    def __init__(self, program, directory):
        self.directory = directory
        self.path = directory / "logging.json"
        text(GOOD)(self.path)
        self.process, _ = start(program, directory)
        self.read = 0

    def put(self, make):
        """Puts a file in place of the one that is there, and answers when."""
        new = self.path.with_name("new")
        make(new)
        moment = time.time()
        os.rename(new, self.path)
        return moment

    def verdict(self, of):
        """The next event about a configuration; those that are no JSON yet are waited for."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            lines = (self.directory / "out.jsonl").read_bytes().splitlines(keepends=True)
            for line in lines[self.read :]:
                if not line.endswith(b"\n"):
                    break
                self.read += 1
                event = json.loads(line)
                if event["log_namespace"] == "TxaioConfiguration":
                    return event
            time.sleep(0.001)
        raise Fault(f"nothing was said of {of}")

    def resident(self, which="VmRSS"):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(which):
                return int(line.split()[1])
        raise Fault("the service is gone")


def run(program):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="txaio-hostile-"))
    directory.chmod(0o755)
    shutil.copy(program, directory / "Gateway")
    service = Service(directory / "Gateway", directory)
    try:
        # The reader's own first use.
        service.put(text("version: 1\nlevel: nothing\n"))
        service.verdict("the first")
        before = service.resident()
        slowest = 0
        for name, make, wanted in HOSTILE:
            if name == "unreadable" and os.getuid() != 0:
                continue
            # Readings keep their distance.
            time.sleep(0.1)
            moment = service.put(make)
            event = service.verdict(name)
            spent = (time_of(event) - moment) * 1000
            message = event["message"]
            print(f"  {name}: {spent:.1f} ms, {service.resident()} KiB: {message[:150].splitlines()[0]}")
            require(event["log_format"].startswith("Configuration refused"), f"{name} was not refused: {message}")
            require("generation 1 stays in force" in message, f"{name}: {message}")
            require(wanted in message, f"{name}: '{wanted}' is not in '{message}'")
            if name != "empty":  # which may be somebody's beginning, and is waited for
                slowest = max(slowest, spent)
        growth = service.resident() - before
        peak = service.resident("VmHWM") - before
        for name, make in ACCEPTED:
            service.put(make)
            event = service.verdict(name)
            print(f"  {name}: {event['message'][:150]}")
            require("is in force" in event["message"], f"{name}: {event['message']}")
        require(growth < GROWTH, f"the resident set grew by {growth} KiB")
        service.process.send_signal(signal.SIGTERM)
        service.process.communicate(timeout=30)
        require(service.process.returncode == 0, f"the service ended with {service.process.returncode}")
        print(f"files {len(HOSTILE)}; slowest_ms {slowest:.1f}; grown_kib {growth}; peak_grown_kib {peak}")
    finally:
        service.process.kill()
        shutil.rmtree(directory)


def main():
    try:
        run(sys.argv[1])
    except Fault as fault:
        print(f"fault {fault}")
        sys.exit(1)


if __name__ == "__main__":
    main()
