import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// What nobody should do, and some do.
struct HostileUseTests {
    private let clock = VirtualClock()
    private let runtime: TxaioRuntime

    init() { runtime = TxaioRuntime(loop: clock) }

    @Test func theFirstResultStandsWhateverFollows() throws {
        for first in 0..<3 {
            for second in 0..<3 {
                let future = runtime.createFuture(of: Int.self)
                let seen = Log()
                future.addCallbacks({ seen.add("\($0)") }, { seen.add("\(type(of: $0.value))") })
                let actions: [() throws -> Void] = [
                    { try future.resolve(1) }, { try future.reject(Boom()) }, { future.cancel() },
                ]
                try actions[first]()
                switch (first, second) {
                case (2, _), (_, 2): try actions[second]()
                default: #expect(throws: TxaioError.alreadyResolved) { try actions[second]() }
                }
                #expect(seen.lines == [["1", "Boom", "CancelledError"][first]])
            }
        }
    }

    @Test func afterACancellationOneLateResultIsIgnoredAndTheNextIsAnError() throws {
        let future = runtime.createFuture(of: Int.self)
        future.cancel()
        future.cancel()
        try future.reject(Boom())
        #expect(throws: TxaioError.alreadyResolved) { try future.reject(Boom()) }
        #expect(throws: TxaioError.alreadyResolved) { try future.resolve(1) }
        future.cancel()
        guard case .failure(let failure)? = future.settledResult else { throw Boom() }
        #expect(failure.value is CancelledError)
    }

    @Test func aCallbackThatResolvesItsOwnFutureGetsAnError() throws {
        let future = runtime.createFuture(of: Int.self)
        let seen = Log()
        future.addCallbacks { _ in
            do { try future.resolve(2) } catch { seen.add("\(error as? TxaioError == .alreadyResolved)") }
            future.cancel()
        }
        future.addCallbacks { seen.add("\($0)") }
        try future.resolve(1)
        #expect(seen.lines == ["true", "1"])
    }

    @Test func callbacksThatAddCallbacksRunThemAfterThoseThatWait() throws {
        let future = runtime.createFuture(of: Int.self)
        let seen = Log()
        future.addCallbacks { _ in
            seen.add("first")
            future.addCallbacks { _ in
                seen.add("third")
                future.addCallbacks { _ in seen.add("fourth") }
            }
        }
        future.addCallbacks { _ in seen.add("second") }
        try future.resolve(1)
        #expect(seen.lines == ["first", "second", "third", "fourth"])
    }

    @Test func callbacksThatAddThemselvesForEverYieldToNobodyButGrowNothing() throws {
        let future = runtime.createFuture(of: Int.self)
        let count = Atomic(0)
        @Sendable func again(_ value: Int) {
            if count.add(1, ordering: .relaxed).newValue < 100_000 { future.addCallbacks(again) }
        }
        future.addCallbacks(again)
        try future.resolve(1)
        #expect(count.load(ordering: .relaxed) == 100_000)
    }

    @Test func callbacksThatLogAndThrowInsideEachOtherAreAllTold() throws {
        let capture = CapturingEmitter()
        let log = makeLogger("Hostile")
        try withLogging(to: capture, level: .info) {
            let outer = runtime.createFuture(of: Int.self)
            outer.addCallbacks { value in
                log.info("outer {value}", value: value)
                let inner: TxaioFuture<Int> = self.runtime.createFutureSuccess(2)
                inner.addCallbacks { value in
                    log.info("inner {value}", value: value)
                    throw Boom(number: value)
                }
                throw Boom(number: value)
            }
            try outer.resolve(1)
        }
        #expect(capture.messages.filter { $0.hasPrefix("outer") || $0.hasPrefix("inner") } == ["outer 1", "inner 2"])
        #expect(capture.events.count { $0.level == .error } == 2)
    }

    @Test func aTimerThatCancelsItselfRunsOnceAndIsNotWhatKeptItFromRunning() {
        let call = Lock<(any DelayedCall)?>(nil)
        let seen = Log()
        let made = runtime.callLater(.seconds(1)) {
            seen.add("\(call.withLock { $0 }?.cancel() ?? true)")
            throw Boom()
        }
        call.withLock { $0 = made }
        let capture = CapturingEmitter()
        withLogging(to: capture, level: .info) { clock.advance(by: .seconds(5)) }
        #expect(seen.lines == ["false"])
        #expect(!made.cancel())
    }

    @Test func whatATimerThrowsIsToldAtErrorAndTheNextStillRuns() {
        let capture = CapturingEmitter()
        let seen = Log()
        withLogging(to: capture, level: .info) {
            runtime.callLater(.seconds(1)) { throw Boom() }
            runtime.callLater(.seconds(1)) { seen.add("next") }
            clock.advance(by: .seconds(1))
        }
        #expect(seen.lines == ["next"])
        #expect(capture.events.map(\.level) == [.error])
    }

    @Test func aCancellerThatCancelsResolvesOrDropsItsFutureDoesNoHarm() throws {
        let seen = Log()
        let again = runtime.createFuture(of: Int.self, canceller: { $0.cancel("inner") })
        again.addCallbacks(nil) { seen.add(String(describing: $0.value)) }
        again.cancel("outer")
        let resolving = runtime.createFuture(of: Int.self, canceller: { try? $0.resolve(3) })
        resolving.addCallbacks { seen.add("\($0)") }
        resolving.cancel()
        let rejecting = runtime.createFuture(of: Int.self, canceller: { try? $0.reject(Boom()) })
        rejecting.addCallbacks(nil) { seen.add("\(type(of: $0.value))") }
        rejecting.cancel()
        #expect(seen.lines == ["outer", "3", "Boom"])
        #expect(throws: TxaioError.alreadyResolved) { try resolving.resolve(4) }
    }

    @Test func gatheringAFutureIntoItsOwnMembersEndsWhenCancelled() throws {
        let first = runtime.createFuture(of: Int.self)
        let whole = runtime.gather([first, first, first])
        let seen = Log()
        first.addCallbacks(nil) { _ in
            seen.add("member")
            whole.cancel()
        }
        whole.addCallbacks({ seen.add("whole \($0.count)") }, { seen.add("whole \(type(of: $0.value))") })
        whole.cancel()
        #expect(seen.lines == ["member", "whole CancelledError"])
    }

    @Test func aFailureAsErrorIsUnwrappedAndNotWrappedTwice() throws {
        let failure = runtime.createFailure(runtime.createFailure(Boom(number: 3)))
        #expect(failure.value as? Boom == Boom(number: 3))
        let future: TxaioFuture<Int> = runtime.createFutureError(failure)
        let seen = Log()
        future.addCallbacks(nil) { seen.add("\(type(of: $0.value))") }
        #expect(seen.lines == ["Boom"])
    }
}
