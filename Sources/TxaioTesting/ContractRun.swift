internal import Synchronization
internal import TxaioLog

/// One emitter under check, and another beside it that must not notice.
internal final class ContractRun: Sendable {
    private let contract: EmitterContract
    private let emitter: any LogEmitter
    private let witness = Witness()
    private let redirection: Redirection
    private let logger = makeLogger("TxaioTesting.EmitterContract", level: .trace)
    private let slowest = Atomic<Int64>(0)
    private let sent = Lock(Set<String>())

    internal init(_ contract: EmitterContract, _ emitter: any LogEmitter) {
        self.contract = contract
        self.emitter = emitter
        redirection = Redirection([EmitterSetup(emitter), EmitterSetup(witness)], level: .trace)
    }

    /// The marks of all events so far.
    internal var marks: Set<String> { sent.withLock { $0 } }

    private static let prefix = "txaio-contract-"

    /// The mark within a text.
    internal static func mark(in text: String) -> String? {
        let bytes = Array(text.utf8)
        let prefix = Array(prefix.utf8)
        var start = 0
        while start + prefix.count < bytes.count {
            if bytes[start...].starts(with: prefix) {
                let isPart = { (byte: UInt8) in byte == 0x2D || (0x30...0x39).contains(byte) }
                return String(decoding: prefix + bytes[(start + prefix.count)...].prefix(while: isPart), as: UTF8.self)
            }
            start += 1
        }
        return nil
    }

    /// Logs from all threads; answers how many events there were.
    internal func log() throws(EmitterContractViolation) -> Int {
        let round = marks.count
        let threads = Threads.run(contract.threads) { [self] thread in
            _ = redirection.run {
                for index in 0..<contract.eventsPerThread { one("\(Self.prefix)\(round)-\(thread)-\(index)", index) }
            }
        }
        let slowest = Duration.nanoseconds(slowest.load(ordering: .relaxed))
        guard slowest <= contract.timeLimit else {
            throw EmitterContractViolation(.boundedTime, "an event took \(slowest), more than \(contract.timeLimit)")
        }
        return threads * contract.eventsPerThread
    }

    private func one(_ mark: String, _ index: Int) {
        sent.withLock { _ = $0.insert(mark) }
        let start = Clocks.monotonic()
        switch index % 8 {
        case 0: logger.info("an event {mark}", mark: mark)
        case 1: logger.debug("an event with values {mark}", mark: mark, number: index, ratio: 0.5, flag: true)
        case 2: logger.critical("a line\nand \u{1B}[31mmore\r\n{mark}", mark: mark, text: "\0\u{7F}\u{202E}\u{85}\n")
        case 3: logger.error("bytes {mark}", mark: mark, bytes: LogBytes([0, 255, 0xC3, 10, 0xED, 0xA0, 0x80]))
        case 4: logger.warn("long {mark}", mark: mark, long: String(repeating: "long \u{1F600} ", count: 2_000))
        case 5: logger.trace("nested {mark}", mark: mark, deep: Self.nested)
        case 6: logger.failure(CancellationError(), "a failure {mark}", mark: mark)
        default: logger.emit(.info, "", fields: [("mark", mark), ("", 1), ("näme with spaces=\n", 2), ("MESSAGE", 3)])
        }
        let took = Clocks.monotonic() - start
        if took > slowest.load(ordering: .relaxed) { slowest.store(took, ordering: .relaxed) }
    }

    private static var nested: AnyLogValue { (0..<40).reduce(into: 1) { value, _ in value = ["in": [value, nil]] } }

    /// Flushes, then holds the answers against the number of events.
    internal func settle(_ count: Int, mayKeep: Bool = false) throws(EmitterContractViolation) -> EmitterCounts {
        let start = Clocks.monotonic()
        let isFlushed = emitter.flush(until: .after(contract.flushLimit))
        let took = Duration.nanoseconds(Clocks.monotonic() - start)
        guard took <= contract.flushLimit + contract.timeLimit else {
            throw EmitterContractViolation(.boundedTime, "a flush took \(took), its limit was \(contract.flushLimit)")
        }
        let counts = redirection.run {}.1[0]
        guard counts.accepted == UInt64(count), counts.isBalanced else {
            throw EmitterContractViolation(.exactlyOnce, "of \(count) events its ledger says \(counts)")
        }
        guard mayKeep || (isFlushed && counts.inFlight == 0) else {
            throw EmitterContractViolation(.exactlyOnce, "\(counts.inFlight) events were left after a flush")
        }
        let witnessed = witness.count.load(ordering: .relaxed)
        guard witnessed == count else {
            throw EmitterContractViolation(.isolatedFaults, "another emitter got \(witnessed) of \(count) events")
        }
        return counts
    }

    internal func close() throws(EmitterContractViolation) {
        let start = Clocks.monotonic()
        emitter.close(until: .after(contract.flushLimit))
        let took = Duration.nanoseconds(Clocks.monotonic() - start)
        guard took <= contract.flushLimit + contract.timeLimit else {
            throw EmitterContractViolation(.boundedTime, "its end took \(took), its limit was \(contract.flushLimit)")
        }
    }

    private final class Witness: LogEmitter {
        let name = "txaio-contract-witness"
        let count = Atomic<Int>(0)

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            count.wrappingAdd(1, ordering: .relaxed)
            return .handedOver
        }
    }
}
