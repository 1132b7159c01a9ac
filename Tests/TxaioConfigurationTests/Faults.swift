#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// The faults that a text is refused with, each as one line; none if it is accepted.
func faults(_ text: String) -> [String] {
    Collected.register()
    do throws(ConfigurationError) {
        _ = try LoggingConfiguration(parsing: text)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

/// An emitter of the tests' own: `type: collected`, with options of every kind.
final class Collected: LogEmitter {
    let name: String

    init(name: String) { self.name = name }

    func emit(_ event: borrowing LogEvent) -> Acceptance { .handedOver }

    static func register() { _ = registration }

    private static let registration: Void = {
        do throws(EmitterRegistryError) {
            try EmitterRegistry.register("collected") { options in
                let text = options.stringIfPresent("text")
                _ = options.int("count", in: 1...100, default: 1)
                _ = options.bool("flag", default: false)
                _ = options.strings("list")
                _ = options.size("size", in: 1...1 << 30, default: 1)
                _ = options.duration("pause", default: .zero)
                try options.finish()
                if text == "cannot be made" { throw Trouble() }
                return Collected(name: options.name)
            }
        } catch {
            Issue.record(error)
        }
    }()

    struct Trouble: Error, CustomStringConvertible {
        var description: String { "no such place" }
    }
}

/// What the thread computed during `body`: other tests on the machine do not count.
func processorTime(_ body: () -> Void) -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
    let begin = now()
    body()
    return now() - begin
}

/// A sound beginning of a file, of two lines.
let sound = """
    version: 1
    emitters: { out: { type: collected } }

    """
#endif
