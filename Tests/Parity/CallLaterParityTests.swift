import Foundation
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_call_later.py`, and what else is to be said of time and loops.
@Suite struct CallLaterParityTests {
    @Test(arguments: Framework.all)
    func q16ACallComesOnceAfterItsDelayWithItsArguments(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        @Sendable func foo(_ a: Int, _ b: Int, _ c: Int, foo: String) { seen.add("\(a) \(b) \(c) \(foo)") }
        let call = bench.runtime.callLater(1.0) { foo(5, 6, 7, foo: "bar") }
        #expect(seen.count == 0)
        bench.time.advance(0.5)
        #expect(seen.count == 0)
        bench.time.advance(1.5)
        #expect(seen.lines == ["5 6 7 bar"])
        bench.time.advance(10)
        #expect(seen.count == 1)
        #expect(!call.cancel())
    }

    @Test(arguments: Framework.all)
    func i1NeverInsideTheCallEvenForADelayOfNothing(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        bench.runtime.callLater(.zero) { seen.add("zero") }
        bench.runtime.callLater(0.0) { seen.add("zero seconds") }
        #expect(seen.count == 0)
        bench.time.advance()
        #expect(seen.lines == ["zero", "zero seconds"])
    }

    @Test(arguments: Framework.all)
    func i1CallsComeInTheOrderOfTheirTimesThenOfAdding(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        for (name, delay) in [("c", 2.0), ("a", 1.0), ("d", 2.0), ("b", 1.0)] {
            bench.runtime.callLater(delay) { seen.add(name) }
        }
        bench.time.advance(5)
        #expect(seen.lines == ["a", "b", "c", "d"])
    }

    @Test(arguments: Framework.all)
    func i3ACancelledCallNeverComes(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let call = bench.runtime.callLater(.seconds(1)) { seen.add("called") }
        #expect(call.cancel())
        bench.time.advance(5)
        #expect(seen.count == 0)
    }

    @Test(arguments: Framework.all)
    func i4CancellingTwiceOrTooLateDoesNothing(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let cancelled = bench.runtime.callLater(.seconds(1)) { seen.add("cancelled") }
        let called = bench.runtime.callLater(.seconds(1)) { seen.add("called") }
        #expect(cancelled.cancel())
        #expect(!cancelled.cancel())
        bench.time.advance(2)
        #expect(!called.cancel())
        #expect(!called.cancel())
        #expect(!cancelled.cancel())
        #expect(seen.lines == ["called"])
    }

    @Test(arguments: Framework.all)
    func i4ACallMayCancelItself(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let own = Kept<any DelayedCall>()
        own.add(bench.runtime.callLater(.seconds(1)) { seen.add("\(own.all[0].cancel())") })
        bench.time.advance(2)
        #expect(seen.lines == ["false"])
    }

    @Test(arguments: Framework.all)
    func i4ACallMayCancelAnotherOfTheSameMoment(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let other = Kept<any DelayedCall>()
        bench.runtime.callLater(.seconds(1)) { seen.add("first \(other.all[0].cancel())") }
        other.add(bench.runtime.callLater(.seconds(1)) { seen.add("second") })
        bench.time.advance(2)
        #expect(seen.lines == ["first true"])
    }

    @Test(arguments: Framework.all, [-1, -1e300, -.infinity, .nan, -0.0] as [Double])
    func i5ANegativeDelayIsNone(_ framework: Framework, _ delay: Double) {
        let bench = Bench(framework)
        let seen = bench.seen
        bench.runtime.callLater(delay) { seen.add("seconds") }
        if delay == -1 { bench.runtime.callLater(.seconds(-1)) { seen.add("duration") } }
        #expect(seen.count == 0)
        bench.time.advance()
        #expect(seen.lines == (delay == -1 ? ["seconds", "duration"] : ["seconds"]))
    }

    @Test(arguments: Framework.all, [.infinity, 1e300, 1e10] as [Double])
    func i5WhatIsBeyond292YearsNeverComesAndCanBeCancelled(_ framework: Framework, _ delay: Double) {
        let bench = Bench(framework)
        let seen = bench.seen
        let call = bench.runtime.callLater(delay) { seen.add("called") }
        bench.time.advance(1e9)
        #expect(seen.count == 0)
        #expect(call.cancel())
        #expect(!call.cancel())
    }

    @Test(arguments: Framework.all)
    func i6AnErrorOfTheCallIsLoggedAndTheLoopGoesOn(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let events = logged(level: .error) {
            let call = bench.runtime.callLater(.seconds(1)) { throw Boom("the call broke") }
            bench.runtime.callLater(.seconds(1)) { seen.add("next") }
            bench.time.advance(2)
            #expect(!call.cancel())
        }
        #expect(seen.lines == ["next"])
        #expect(events.map(\.level) == [.error])
        #expect(events.map(\.namespace) == ["TxaioCore.Timer"])
        #expect(events.first?.message == "A delayed call threw: Boom: the call broke")
    }

    @Test(arguments: Framework.all)
    func i8SleepIsFulfilledAfterItsDelay(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        for sleep in [bench.runtime.sleep(.seconds(2)), bench.runtime.sleep(2.0)] {
            sleep.addCallbacks({ _ in seen.add("over") }, { _ in seen.add("errback") })
        }
        bench.time.advance(1.9)
        #expect(seen.count == 0)
        bench.time.advance(0.2)
        #expect(seen.lines == ["over", "over"])
    }

    @Test(arguments: Framework.all)
    func i8CancellingASleepCancelsItsTimer(_ framework: Framework) {
        let time = ManualTime(framework)
        let recording = RecordingTime(time.loop)
        let runtime = TxaioRuntime(loop: time.loop, timeSource: recording)
        runtime.sleep(.seconds(2)).cancel()
        #expect(recording.milliseconds == [2_000])
        #expect(recording.cancelledCount == 1)
        time.advance(5)
    }

    // ------------------------------------------------------------------------------------------------ real loops

    @Test(arguments: Framework.all)
    func i1InRealTimeACallComesOnTheLoopNoSoonerThanItsDelay(_ framework: Framework) async throws {
        let runtime = framework.makeRuntime()
        let future = runtime.createFuture(of: Int64.self)
        let begin = runtime.perfCounterNs()
        runtime.callLater(.milliseconds(5)) { try future.resolve(runtime.isCurrent ? runtime.perfCounterNs() : 0) }
        #expect(try await future.value - begin >= 5_000_000)
    }

    /// Callbacks do not run while the loop is held, and do once it turns.
    private func check(_ framework: Framework, _ make: (TxaioRuntime) throws -> TxaioFuture<Int>) async throws {
        let runtime = framework.makeRuntime()
        let entered = DispatchSemaphore(value: 0)
        let held = DispatchSemaphore(value: 0)
        runtime.execute {
            entered.signal()
            held.wait()
        }
        wait(for: entered)
        let seen = Seen()
        let future = try make(runtime)
        let done = runtime.createFuture(of: Bool.self)
        future.addCallbacks(
            { _ in
                seen.add("ran")
                try done.resolve(runtime.isCurrent)
            },
            { _ in
                seen.add("ran")
                try done.resolve(runtime.isCurrent)
            }
        )
        #expect(seen.count == 0)
        held.signal()
        #expect(try await done.value)
        #expect(seen.count == 1)
    }

    private func wait(for semaphore: DispatchSemaphore) { semaphore.wait() }

    @Test(arguments: Framework.all)
    func q13ACallbackOfAPendingFutureRunsOnlyWhenItsLoopTurns(_ framework: Framework) async throws {
        try await check(framework) { runtime in
            let future = runtime.createFuture(of: Int.self)
            try future.resolve(1)
            return future
        }
    }

    @Test(arguments: Framework.all)
    func q14ACallbackOfAFulfilledFutureRunsOnlyWhenItsLoopTurns(_ framework: Framework) async throws {
        try await check(framework) { $0.createFutureSuccess(1) }
    }

    @Test(arguments: Framework.all)
    func q15AnErrbackOfAFailedFutureRunsOnlyWhenItsLoopTurns(_ framework: Framework) async throws {
        try await check(framework) { $0.createFutureError(Boom()) }
    }

    // ------------------------------------------------------------------------------------------------ config

    @Test(arguments: Framework.all)
    func q12AFutureBelongsToTheGivenLoop(_ framework: Framework) throws {
        let one = Bench(framework)
        let other = Bench(framework)
        let future = one.runtime.createFuture(of: Int.self)
        #expect(future.runtime === one.runtime)
        #expect(future.map { $0 }.runtime === one.runtime)
        #expect(future.runtime !== other.runtime)
    }

    private static func checkConfig(_ framework: Framework) throws {
        // Before a selection too.
        let time = ManualTime(framework)
        Txaio.config.loop = time.loop
        try framework.select()
        let seen = Seen()
        try Txaio.callLater(.seconds(1)) { seen.add("first") }
        let later = ManualTime(framework)
        Txaio.config.loop = later.loop
        try Txaio.callLater(.seconds(1)) { seen.add("second") }
        time.advance(1)
        #expect(seen.lines == ["first"])
        later.advance(1)
        #expect(seen.lines == ["first", "second"])
        let future = try Txaio.createFuture(of: Int.self)
        #expect(future.runtime.loop === later.loop)
        // All that a timer needs is somebody who keeps time.
        let recording = RecordingTime(later.loop)
        Txaio.config.loop = recording
        try Txaio.callLater(.seconds(3)) {}
        #expect(recording.milliseconds == [3_000])
        Txaio.config.loop = nil
        #expect(try Txaio.runtime.loop !== later.loop)
    }

    @Test func k1TheConfiguredLoopIsReadAtEachCall() async {
        await #expect(processExitsWith: .success) { try Self.checkConfig(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try Self.checkConfig(.nio) }
        #endif
    }

    private static func checkDefaultLoop(_ framework: Framework) async throws {
        try framework.select()
        #expect(Txaio.config.loop == nil)
        let future = try Txaio.createFuture(of: Bool.self)
        let loop = try Txaio.runtime.loop
        try Txaio.callLater(.milliseconds(1)) { try future.resolve(loop.isCurrent) }
        #expect(try await future.value)
        #expect(try Txaio.runtime.loop === loop)
    }

    @Test func q11WithoutAConfiguredLoopItIsTheSelectedFrameworks() async {
        await #expect(processExitsWith: .success) { try await Self.checkDefaultLoop(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try await Self.checkDefaultLoop(.nio) }
        #endif
    }

    private static func checkReplaceLoop(_ framework: Framework) throws {
        try framework.select()
        let outer = ManualTime(framework)
        Txaio.config.loop = outer.loop
        try replaceLoop(VirtualClock()) { clock in
            #expect(Txaio.config.loop === clock)
            let seen = Seen()
            try Txaio.callLater(5.0) { seen.add("foo") }
            clock.advance(by: .seconds(10))
            #expect(seen.lines == ["foo"])
        }
        #expect(Txaio.config.loop === outer.loop)
        #expect(throws: Boom.self) { try replaceLoop(VirtualClock()) { _ in throw Boom() } }
        #expect(Txaio.config.loop === outer.loop)
    }

    @Test func k3ReplaceLoopRestoresWhatWasThereAlsoAfterAnError() async {
        await #expect(processExitsWith: .success) { try Self.checkReplaceLoop(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try Self.checkReplaceLoop(.nio) }
        #endif
    }

    private static func checkWithConfig(_ framework: Framework) throws {
        try framework.select()
        let global = try Txaio.runtime
        let time = ManualTime(framework)
        let own = try Txaio.withConfig(loop: time.loop)
        #expect(own.loop === time.loop)
        #expect(try Txaio.runtime === global)
        #expect(Txaio.config.loop == nil)
        // The same where another loop is configured.
        let configured = ManualTime(framework)
        Txaio.config.loop = configured.loop
        let further = try Txaio.withConfig(loop: time.loop)
        #expect(further.loop === time.loop)
        #expect(try Txaio.runtime.loop === configured.loop)
        let seen = Seen()
        further.callLater(.seconds(1)) { seen.add("called") }
        configured.advance(5)
        #expect(seen.count == 0)
        time.advance(5)
        #expect(seen.lines == ["called"])
    }

    @Test func k4k5WithConfigGivesARuntimeOfItsOwnAndLeavesTheProcessAlone() async {
        await #expect(processExitsWith: .success) { try Self.checkWithConfig(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try Self.checkWithConfig(.nio) }
        #endif
    }

    @Test(arguments: Framework.all)
    func k7AllThatARuntimeMakesIsOnItsOwnLoop(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        #expect(bench.runtime.asFuture { 1 }.runtime === bench.runtime)
        #expect(bench.runtime.gather([TxaioFuture<Int>]()).runtime === bench.runtime)
        let sleep = bench.runtime.sleep(.seconds(1))
        #expect(sleep.runtime === bench.runtime)
        sleep.addCallbacks { _ in seen.add("over") }
        bench.time.advance(2)
        #expect(seen.lines == ["over"])
    }
}
