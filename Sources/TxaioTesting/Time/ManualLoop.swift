public import TxaioCore

/// A loop whose time a test moves.
///
/// ``VirtualClock`` is one; `EmbeddedLoop` of TxaioNIOTesting, on SwiftNIO's embedded event loop, is another: a test that takes
/// `some ManualLoop` runs on both.
public protocol ManualLoop: TxaioLoop {
    /// The delays of the calls that wait, the earliest first.
    var waiting: [Duration] { get }

    /// Moves time by `duration` and runs what is due on the way, each call at its own time.
    func advance(by duration: Duration)
}

extension ManualLoop {
    /// Runs what is ready, and leaves time alone.
    public func advance() { advance(by: .zero) }
}

extension VirtualClock: ManualLoop {}
