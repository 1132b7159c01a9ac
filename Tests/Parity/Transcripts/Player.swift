import Synchronization
import TxaioCore
import TxaioLog
import TxaioTesting

/// Runs a program on a runtime, and writes down all that can be observed.
final class Player: @unchecked Sendable {
    // Unchecked: it is used on the runtime's loop alone.

    private let runtime: TxaioRuntime
    private let batches: [any BatchedTimer]
    private let advance: (Duration) -> Void
    private(set) var transcript: [String] = []
    private var futures: [TxaioFuture<Int>] = []
    private var wholes: [AnyTxaioFuture] = []
    private var timers: [any DelayedCall] = []
    private static let log = makeLogger("parity.transcript")

    /// An error with a number.
    struct Fault: Error, CustomStringConvertible {
        let number: Int
        var description: String { "fault \(number)" }
    }

    init(_ runtime: TxaioRuntime, advance: @escaping (Duration) -> Void) throws {
        self.runtime = runtime
        self.advance = advance
        batches = [
            try runtime.makeBatchedTimer(secondsPerBucket: 0.004, chunkSize: 2),
            try runtime.makeBatchedTimer(secondsPerBucket: 0.007, chunkSize: 1, rounding: .up),
        ]
    }

    func note(_ line: String) { transcript.append(line) }

    /// Runs it to its end: then all is cancelled, time goes on, and futures are released one after the other.
    func play(_ program: Program) {
        for step in program.steps { run(step) }
        note("end")
        advance(.milliseconds(30))
        for future in futures { future.cancel("at the end") }
        for whole in wholes { whole.cancel("at the end") }
        advance(.seconds(2))
        for (index, future) in futures.enumerated() { note("\(index) is \(text(future.settledResult))") }
        note("release")
        timers = []
        wholes = []
        while !futures.isEmpty {
            note("release \(futures.count - 1)")
            futures.removeLast()
        }
    }

    // ------------------------------------------------------------------------------------------------ what is seen

    private func text(_ result: Result<Int, FutureFailure>?) -> String {
        switch result {
        case nil: "open"
        case .success(let value)?: "\(value)"
        case .failure(let failure)?: runtime.failureMessage(failure)
        }
    }

    private var time: Int64 { runtime.timeSource.nanoseconds / 1_000 }

    private func keep(_ future: TxaioFuture<Int>) {
        if futures.count < 100 { futures.append(future) }
    }

    private func withFuture(_ number: Int, _ body: (Int, TxaioFuture<Int>) -> Void) {
        guard !futures.isEmpty else { return }
        let index = number % futures.count
        body(index, futures[index])
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            note("\(what) throws \(error)")
        }
    }

    private func call(_ body: Body, _ what: String) throws {
        note("\(what) of \(body.name) at \(time)")
        for step in body.steps { run(step) }
        if let error = body.error {
            note("\(body.name) throws")
            throw Fault(number: error)
        }
    }

    // ------------------------------------------------------------------------------------------------ steps

    private func run(_ step: Step) {
        switch step {
        case .create(let canceller): create(canceller)
        case .createDone(let value): keep(runtime.createFutureSuccess(value))
        case .createFailed(let number): keep(runtime.createFutureError(Fault(number: number)))
        case .resolve(let number, let value):
            withFuture(number) { index, future in
                attempt("resolve \(index)") { try runtime.resolve(future, value) }
                note("resolved \(index)")
            }
        case .reject(let number, let error):
            withFuture(number) { index, future in
                attempt("reject \(index)") { try runtime.reject(future, Fault(number: error)) }
                note("rejected \(index)")
            }
        case .cancel(let number, let message):
            withFuture(number) { index, future in
                runtime.cancel(future, message)
                note("cancelled \(index)")
            }
        case .add(let number, let callback, let errback): add(number, callback, errback)
        case .addErrback(let number, let errback):
            withFuture(number) { index, future in
                runtime.addCallbacks(future, nil) { failure in
                    try self.call(errback, "errback \(index) \(self.runtime.failureMessage(failure))")
                }
            }
        case .look(let number):
            withFuture(number) { index, future in note("\(index) \(future.isCalled) \(text(future.settledResult))") }
        case .log(let number): Self.log.info("logged {number}", number: number)
        case .scope(let request, let step): withLogContext(["request": request]) { run(step) }
        case .advance(let milliseconds): advance(.milliseconds(milliseconds))
        default: runOther(step)
        }
    }

    private func runOther(_ step: Step) {
        switch step {
        case .map(let number, let plus, let fails):
            withFuture(number) { index, future in
                keep(
                    future.map { value in
                        self.note("map \(index) \(value)")
                        if fails { throw Fault(number: value) }
                        return value &+ plus
                    }
                )
            }
        case .flatMap(let number, let other):
            withFuture(number) { index, future in
                withFuture(other) { _, target in
                    keep(
                        future.flatMap { value in
                            self.note("flatMap \(index) \(value)")
                            return target
                        }
                    )
                }
            }
        case .gather(let numbers, let consumes): gather(numbers, consumes)
        case .sleep(let milliseconds):
            let sleep = runtime.sleep(.milliseconds(milliseconds))
            sleep.addCallbacks({ _ in self.note("slept until \(self.time)") }, { _ in self.note("sleep ended") })
            wholes.append(sleep)
        case .callLater(let milliseconds, let body):
            timers.append(runtime.callLater(.milliseconds(milliseconds)) { try self.call(body, "timer") })
        case .batched(let timer, let milliseconds, let body):
            timers.append(
                batches[timer].callLater(.milliseconds(milliseconds)) { try self.call(body, "batched timer") }
            )
        case .cancelTimer(let number):
            guard !timers.isEmpty else { return }
            note("timer \(number % timers.count) cancelled: \(timers[number % timers.count].cancel())")
        default: break
        }
    }

    private func create(_ canceller: Body?) {
        guard let canceller else { return keep(runtime.createFuture(of: Int.self)) }
        keep(
            runtime.createFuture(of: Int.self) { future in
                self.attempt("canceller") { try self.call(canceller, "canceller") }
                switch canceller.settles {
                case .not: break
                case .resolves(let value): self.attempt("canceller resolves") { try future.resolve(value) }
                case .rejects(let error): self.attempt("canceller rejects") { try future.reject(Fault(number: error)) }
                }
            }
        )
    }

    private func add(_ number: Int, _ callback: Body, _ errback: Body?) {
        withFuture(number) { index, future in
            let first: @Sendable (Int) throws -> Void = { try self.call(callback, "callback \(index) \($0)") }
            guard let errback else { return runtime.addCallbacks(future, first) }
            runtime.addCallbacks(future, first) { failure in
                try self.call(errback, "errback \(index) \(self.runtime.failureMessage(failure))")
            }
        }
    }

    private func gather(_ numbers: [Int], _ consumes: Bool) {
        let members = futures.isEmpty ? [] : numbers.map { futures[$0 % futures.count] }
        let whole = runtime.gather(members, consumeExceptions: consumes)
        let name = wholes.count
        whole.addCallbacks(
            { results in self.note("gathered \(name) \(results.map { self.text($0) })") },
            { self.note("gathered \(name) \(self.runtime.failureMessage($0))") }
        )
        wholes.append(whole)
        keep(whole.map { $0.count })
    }
}

/// Hands events to whichever program is running.
final class TranscriptEmitter: LogEmitter {
    let name = "transcript"
    private let player = Mutex<Player?>(nil)

    func use(_ player: Player?) { self.player.withLock { $0 = player } }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        let copy = CapturedEvent(event)
        let request = copy["request"].map { " request \($0)" } ?? ""
        let player = player.withLock { $0 }
        player?.note("\(copy.level) \(copy.namespace) \(copy.message)\(request)")
        return .handedOver
    }
}
