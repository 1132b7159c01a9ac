"""crash_runs.py CRASHPROBE COUNT

What `scripts/faults crash` does with the program it built; see there.
"""

import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from faultlib import Fault, require

BATCH = 256  # events that are handed over at once, and may come twice
LEAST = 1_000  # events that a kill must find in the rings
THREADS = 2


def accepted(page):
    """How many events each thread has seen accepted."""
    try:
        content = page.read_bytes()
    except FileNotFoundError:
        return [0] * THREADS
    if len(content) < 4096:
        return [0] * THREADS
    return [struct.unpack_from("<q", content, thread * 64)[0] for thread in range(THREADS)]


def recover(program, directory, output):
    """Recovers what a dead run left; its figures by name."""
    run = subprocess.run(
        [program, "recover", directory, output], capture_output=True, text=True, timeout=120
    )
    require(run.returncode == 0, f"recovery ended with {run.returncode}: {run.stderr}")
    figures = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    require("refused" not in figures, f"refused: {figures.get('refused')}")
    require(figures["balanced"] == "true", "the ledger does not balance")
    require(not list(directory.glob("*.rings")), "the ring file is still there")
    return {name: int(value) for name, value in figures.items() if value.isdigit()}


def events(output):
    """The events of the sink, every line of which must be one."""
    try:
        return [json.loads(line) for line in output.read_bytes().splitlines()]
    except ValueError as error:
        raise Fault(f"a torn line: {error}") from error


def without_fragment(output, before):
    """Takes the line out that SIGKILL cut short within write(2), if there is one.

    The kernel may end a write at a page's end when the process is killed. What is left of that line
    stays where it is, at the end of what the dead process wrote, and the whole event follows, marked."""
    content = output.read_bytes()
    require(content.startswith(before), "what was in the sink is no longer the same")
    fragment = before[before.rfind(b"\n") + 1 :]
    try:
        if not fragment or json.loads(fragment):
            return 0
    except ValueError:
        require(content[len(before) :].startswith(b"\n"), "a line was written behind one that was cut short")
    whole = [line for line in content[len(before) + 1 :].splitlines() if line.startswith(fragment)]
    require(whole and b'"log_maybe_repeated":true' in whole[0], f"a line was cut short and is lost: {fragment}")
    output.write_bytes(before[: -len(fragment)] + content[len(before) + 1 :])
    return 1


def killed_under_load(program, directory):
    output, page = directory / "out.jsonl", directory / "page"
    process = subprocess.Popen([program, "load", directory, output, page])
    try:
        deadline = time.monotonic() + 60
        target = random.randint(10_000, 60_000)
        while sum(accepted(page)) < target:
            require(process.poll() is None, f"the program ended by itself with {process.returncode}")
            require(time.monotonic() < deadline, "the program logs too slowly")
            time.sleep(0.001)
        time.sleep(random.random() * 0.1)
    finally:
        process.kill()
        process.wait()
    counts = accepted(page)
    before = output.read_bytes() if output.exists() else b""
    figures = recover(program, directory, output)
    cut = without_fragment(output, before)
    found = events(output)
    seen = [{} for _ in range(THREADS)]
    marked = 0
    for event in found:
        numbers = seen[event["t"]]
        numbers.setdefault(event["n"], []).append(event.get("log_maybe_repeated", False))
        marked += event.get("log_maybe_repeated", False)
        # What the logger and the scope of 16 events add.
        require(event["worker"] == event["t"] and event["request"] == event["n"] // 16 * 16, f"not its own: {event}")
        require(event["message"].startswith(f"event {event['n']} of thread {event['t']}, a text"), f"mixed up: {event}")
    missing = sum(number not in seen[thread] for thread in range(THREADS) for number in range(counts[thread]))
    extra = sum(len(numbers) - counts[thread] for thread, numbers in enumerate(seen) if len(numbers) > counts[thread])
    repeated = [marks for numbers in seen for marks in numbers.values() if len(marks) > 1]
    require(missing == 0, f"{missing} events that were accepted are missing")
    # A call may be killed between its commit and its note.
    require(extra <= THREADS, f"{extra} events more than were noted")
    require(all(len(marks) == 2 and any(marks) for marks in repeated), "an event came twice and is not marked")
    require(marked <= BATCH, f"{marked} events are marked as possibly repeated")
    require(figures["recovered"] >= LEAST, f"only {figures['recovered']} events were in the rings")
    require(figures["skipped"] == 0 and figures["unresolved"] == 0, f"skipped or unresolved: {figures}")
    return {
        "accepted": sum(counts), "written": before.count(b"\n"), "recovered": figures["recovered"], "marked": marked,
        "twice": len(repeated), "cut": cut,
    }


def killed_idle(program, directory):
    output = directory / "out.jsonl"
    process = subprocess.Popen(
        [program, "idle", directory, output], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        require(process.stdout.readline() == "flushed true\n", "it did not flush")
        time.sleep(random.random() * 0.01)
    finally:
        process.kill()
        process.wait()
    figures = recover(program, directory, output)
    found = events(output)
    require(len(found) == 1_000, f"{len(found)} events in place of 1,000")
    require(figures["files"] == 1, "there was no ring file")
    require(figures["recovered"] == 0 and figures["maybe-repeated"] == 0, f"recovered when idle: {figures}")


def main():
    program, count = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seed = int(os.environ.get("TXAIO_SEED") or random.SystemRandom().getrandbits(32))
    random.seed(seed)
    # In memory, as rings are by default, where there is such a place.
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    runs, faults = [], 0
    idle = max(1, count // 10)
    for number in range(count + idle):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="txaio-faults-", dir=place))
        try:
            if number < count:
                runs.append(killed_under_load(program, directory))
            else:
                killed_idle(program, directory)
        except (Fault, subprocess.TimeoutExpired) as fault:
            faults += 1
            print(f"run {number}: {fault}", file=sys.stderr)
        finally:
            shutil.rmtree(directory)

    def total(name):
        return sum(run[name] for run in runs)

    least = min((run["recovered"] for run in runs), default=0)
    most = max((run["marked"] for run in runs), default=0)
    print(
        f"killed {count} under load and {idle} idle: {faults} faults; accepted {total('accepted')}, "
        f"handed over {total('written')}, recovered {total('recovered')} (least in a run {least}), missing 0, torn 0 "
        f"({total('cut')} cut short by the kill within write(2), and recovered whole), "
        f"came twice {total('twice')}, marked {total('marked')} (most in a run {most}); idle runs recovered 0; seed {seed}"
        if not faults
        else f"killed {count} under load and {idle} idle: {faults} faults; seed {seed}"
    )
    return 1 if faults else 0


sys.exit(main())
