internal import CTxaio
public import TxaioLog

/// What was found in the ring files of processes that died.
public struct RecoveryReport: Sendable, Hashable {
    /// Files that were read and removed.
    public internal(set) var files = 0
    /// Events that were handed over: up to the last one that an emitter took.
    public internal(set) var recovered = 0
    /// Of these, those that may have been handed over before: at most a batch of the process that died, and one of each recovery
    /// that died as well.
    public internal(set) var maybeRepeated = 0
    /// Records that made no sense; each ends the reading of its ring.
    public internal(set) var skipped = 0
    /// Names, templates and namespaces that could not be found any more; the event says `(unresolved)` in their place.
    public internal(set) var unresolved = 0
    /// Events that no emitter took: they stay for the next start, and what may have been handed over is marked then.
    public internal(set) var left = 0
    /// Files that were left alone, and why; those of living processes are not among them.
    public internal(set) var refused: [RingFileError] = []

    /// Makes an empty one.
    public init() {}
}

/// Reads what processes of this service left in their rings when they died.
public enum Recovery {
    /// Offers every committed event that was not handed over to the emitters of a session, in the order of their times, each
    /// with its own time and marked as recovered; then removes the files.
    ///
    /// A file is locked while it is read: no two processes recover the same. Files that are foreign or not whole are
    /// left alone and reported; of rings that make no sense is taken what does. An event that the process was about to hand
    /// over when it died is marked as possibly repeated.
    ///
    /// An event has been handed over once one emitter took it and, where it keeps events back, flushed them within 5 s.
    /// Where emitters take none any more it ends: what is left stays in its file, and further files are not read.
    ///
    /// - Parameters:
    ///   - service: As given to ``RingFile``.
    ///   - directory: By default ``RingDirectory/standard()``; a relative path starts at the working directory of now.
    ///   - session: Where the events go; flushed before a file is removed.
    /// - Throws: ``RingFileError`` for a name that is none, or where the directory cannot be had.
    @discardableResult
    public static func recover(
        service: String,
        directory: String? = nil,
        into session: LoggingSession
    ) throws(RingFileError) -> RecoveryReport {
        try recover(of: service, directory: directory, into: session)
    }

    /// The same, for all services where none is named.
    package static func recover(
        of service: String?,
        directory: String?,
        into session: LoggingSession
    ) throws(RingFileError) -> RecoveryReport {
        let place = try RingDirectory.place(directory)
        var report = RecoveryReport()
        for name in try names(of: service, in: place) {
            let path = "\(place)/\(name)"
            do throws(RingFileError) {
                guard let file = try RingFileReader(path) else { continue }
                guard file.deliver(to: session, &report) else { break }
                // Only then is the lock given up: another that waits for it finds the file removed.
                withExtendedLifetime(file) { Files.remove(path) }
                report.files += 1
            } catch {
                report.refused.append(error)
            }
        }
        return report
    }

    /// The names of a service's files, or of those of all.
    internal static func names(of service: String?, in place: String) throws(RingFileError) -> [String] {
        var start = ""
        if let service { start = try RingDirectory.checked(service) + "." }
        // What begins with a dot is not yet whole.
        return try Files.names(in: place).filter {
            $0.hasPrefix(start) && $0.hasSuffix(".rings") && $0.utf8.first != UInt8(ascii: ".")
        }
    }
}
