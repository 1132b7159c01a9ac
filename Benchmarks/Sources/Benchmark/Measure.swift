import CBench
import Glibc

/// One workload's run: what it is told by the environment, and where its results go.
struct Run {
    let workload: String
    /// Run exactly so many operations and report nothing: allocations are counted from outside.
    let iterations: Int?
    /// Which metric then runs; the workload's first if none is named.
    private let metric = Run.setting("BENCH_METRIC")
    private let nanoseconds: Int

    init(_ workload: String) {
        self.workload = workload
        iterations = Self.setting("BENCH_ITERS").flatMap { Int($0) }
        let seconds = Self.setting("BENCH_SECS").flatMap { Double($0) } ?? 0.4
        nanoseconds = Int(min(max(seconds, 0.001), 3_600) * 1e9)
    }

    static func setting(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// A file in the folder that was given for files.
    static func file(_ name: String) -> String { (setting("BENCH_DIR") ?? ".") + "/" + name }

    /// Prints a result line.
    ///
    /// On standard error where standard output is what is measured.
    func report(_ metric: String, _ unit: String, _ value: Double, workload name: String? = nil) {
        let line =
            #"{"peer":"txaio","workload":"\#(name ?? workload)","metric":"\#(metric)","unit":"\#(unit)","value":\#(value)}"#
            + "\n"
        let bytes = Array(line.utf8)
        _ = write(workload == "W4" ? 2 : 1, bytes, bytes.count)
    }

    /// Measures the mean time of an operation, after a warm-up of 0.1 s; `finish` is part of what is timed.
    ///
    /// Where allocations or instructions are counted only one metric of a workload runs.
    @inline(__always)
    func measure(
        _ metric: String,
        unit: String = "ns",
        batch: Int,
        isFirst: Bool = false,
        _ operation: (Int) -> Void,
        finish: () -> Void = {}
    ) {
        var number = 0
        if let iterations {
            guard self.metric.map({ $0 == metric }) ?? isFirst else { return }
            while number < iterations + 1_000 {
                operation(number)
                number += 1
            }
            return finish()
        }
        var start = now()
        while now() - start < 100_000_000 {
            for _ in 0..<batch {
                operation(number)
                number += 1
            }
        }
        let first = number
        start = now()
        repeat {
            for _ in 0..<batch {
                operation(number)
                number += 1
            }
        } while now() - start < nanoseconds
        finish()
        report(metric, unit, Double(now() - start) / Double(number - first) / (unit == "us" ? 1_000 : 1))
    }

    /// Times each call on its own: 2,000 bursts of 20 with 500 us of sleep between them.
    @inline(__always)
    func measureLatency(_ suffix: String, _ operation: (Int) -> Void) {
        let samples = sampleLatency(bursts: 2_000, operation)
        for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            report("latency_\(name)\(suffix)", "ns", samples[Int(part * Double(samples.count - 1))])
        }
    }

    /// Times each call of so many bursts of 20, 500 us of sleep between them; nanoseconds, the shortest first.
    @inline(__always)
    func sampleLatency(bursts: Int, _ operation: (Int) -> Void) -> [Double] {
        let scale = cyclesPerNanosecond()
        var samples: [Double] = []
        samples.reserveCapacity(bursts * 20)
        var number = 0
        for burst in 0..<bursts + 100 {
            for _ in 0..<20 {
                let before = bench_cycles_before()
                operation(number)
                let after = bench_cycles_after()
                number += 1
                // The first hundred bursts are the warm-up.
                if burst >= 100 { samples.append(Double(after &- before) / scale) }
            }
            usleep(500)
        }
        return samples.sorted()
    }
}

/// Nanoseconds on the monotonic clock.
func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

private func cyclesPerNanosecond() -> Double {
    let start = now()
    let first = bench_cycles_before()
    while now() - start < 50_000_000 {}
    let last = bench_cycles_before()
    return Double(last &- first) / Double(now() - start)
}

/// Runs `body` on so many threads at once, with their numbers, and waits for them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var threads: [pthread_t] = []
    for number in 0..<count {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work { body(number) }).toOpaque()
        pthread_create(
            &thread,
            nil,
            {
                if let work = $0 { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run() }
                return nil
            },
            work
        )
        threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
}

/// How many lines a file has.
func countLines(_ path: String) -> Int {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    var block = [UInt8](repeating: 0, count: 1 << 20)
    var lines = 0
    while true {
        let count = read(descriptor, &block, block.count)
        guard count > 0 else { return lines }
        lines += block[..<count].count { $0 == 0x0A }
    }
}
