#if Configuration
import Foundation

/// Waits until something holds, for ten seconds at most.
func eventually(_ body: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<2_000 {
        if try body() { return true }
        usleep(5_000)
    }
    return try body()
}
#endif
