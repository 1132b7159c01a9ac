import TxaioLog
import TxaioTesting

/// Polls until it holds, for a minute at most.
func holds(_ condition: () -> Bool) -> Bool {
    let deadline = Deadline.after(.seconds(60))
    while !condition() {
        if deadline.hasPassed { return false }
        Platform.pause()
    }
    return true
}

extension CapturingEmitter {
    /// What its events have as `number`, in order.
    var numbers: [Int] {
        events.compactMap { event in
            guard case .int(let number) = event["number"] else { return nil }
            return Int(number)
        }
    }
}
