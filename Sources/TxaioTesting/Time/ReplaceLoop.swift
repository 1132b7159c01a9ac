public import TxaioCore

/// Sets `Txaio.config.loop` while `body` runs, hands it the loop, and puts back what was there, also after an error.
///
/// The counterpart of txaio's `testutil.replace_loop`. The setting is the process's: tests that use it must not run at the
/// same time; those that do take a `TxaioRuntime(loop:)` of their own.
///
/// ```swift
/// try replaceLoop(VirtualClock()) { clock in
///     try Txaio.callLater(.seconds(5)) { fired() }
///     clock.advance(by: .seconds(10))
/// }
/// ```
public func replaceLoop<Loop: TimeSource, R, E: Error>(
    _ loop: Loop,
    _ body: (Loop) throws(E) -> R
) throws(E) -> R {
    let before = Txaio.config.loop
    Txaio.config.loop = loop
    defer { Txaio.config.loop = before }
    return try body(loop)
}

/// Sets `Txaio.config.loop` while `body` runs, across its suspensions.
///
/// See the other form of this function.
public func replaceLoop<Loop: TimeSource, R, E: Error>(
    _ loop: Loop,
    _ body: (Loop) async throws(E) -> R
) async throws(E) -> R {
    let before = Txaio.config.loop
    Txaio.config.loop = loop
    defer { Txaio.config.loop = before }
    return try await body(loop)
}
