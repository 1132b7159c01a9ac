@preconcurrency import Dispatch

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes a line to standard error: what is for whoever started the process, and no event.
func tell(_ line: String) {
    fputs(line + "\n", stderr)
}

/// Ends the process.
func leave(with status: Int32, saying line: String? = nil) -> Never {
    if let line { tell(line) }
    exit(status)
}

/// SIGINT and SIGTERM, as a sequence.
///
/// From its making on neither ends the process by itself.
final class TerminationSignals: Sendable {
    private let names: AsyncStream<String>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (names, continuation) = AsyncStream.makeStream(of: String.self)
        self.names = names
        sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return source
        }
    }

    /// The name of the next signal.
    func next() async -> String {
        for await name in names { return name }
        return "cancellation"
    }
}
