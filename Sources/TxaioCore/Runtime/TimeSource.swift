/// Anything that keeps time: all that timers need of a loop.
///
/// Mirrors Twisted's `IReactorTime`. `config.loop` takes any; a ``TxaioLoop`` runs callbacks too.
public protocol TimeSource: AnyObject, Sendable {
    /// Nanoseconds since some fixed moment; never goes back.
    var nanoseconds: Int64 { get }

    /// Calls `body` once, as soon as `delay` nanoseconds have passed, never inside this call.
    ///
    /// - Parameters:
    ///   - delay: 0 or more. `Int64.max` means never.
    ///   - body: Does not throw; the runtime sees to errors.
    func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall
}

/// A call that was put off; mirrors Twisted's `IDelayedCall`.
public protocol DelayedCall: AnyObject, Sendable {
    /// Keeps the call from running.
    ///
    /// Never raises an error: once the call has begun, or was cancelled before, nothing happens. Any thread.
    ///
    /// - Returns: Whether it is this that keeps the call from running.
    @discardableResult
    func cancel() -> Bool
}

/// An event loop: it keeps time, and runs what it is given, one after the other.
public protocol TxaioLoop: TimeSource {
    /// Whether the caller is called by this loop.
    var isCurrent: Bool { get }

    /// Runs `body` soon, after what was given before, never inside this call. Any thread.
    func execute(_ body: @escaping @Sendable () -> Void)

    /// The event framework that it belongs to.
    var framework: EventFramework { get }

    /// Whether each of its threads works for nobody else, and says so in its own storage.
    ///
    /// Then that nobody else's thread works for this loop is known without asking ``isCurrent``.
    var ownsItsThread: Bool { get }
}

extension TxaioLoop {
    /// No: ``isCurrent`` is asked.
    public var ownsItsThread: Bool { false }
}

/// A loop that keeps its timers in a ``TimerService``.
package protocol TimerLoop: TxaioLoop {
    /// Its timers, which live as long as it does and go by its clock.
    var timers: TimerService { get }

    /// Whether its clock is the system's monotonic one, always.
    var isMonotonic: Bool { get }
}

/// The two event frameworks.
public enum EventFramework: String, Sendable, CustomStringConvertible {
    /// Swift Concurrency.
    case concurrency
    /// SwiftNIO.
    case nio

    /// Its name in messages.
    public var description: String { rawValue }
}
