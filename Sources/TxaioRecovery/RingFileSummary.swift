/// What lies in a directory of ring files, without taking anything of it.
package struct RingFileSummary: Sendable {
    package enum State: Sendable, Hashable {
        /// Its process lives.
        case live
        /// Another process has it: most likely it recovers it.
        case locked
        /// Its process is gone.
        case dead
        /// Not a ring file of this user's, and why.
        case foreign(String)
    }

    package let path: String
    /// As the file's name has it.
    package let service: String
    package let state: State
    /// 0 where it is not known.
    package let process: UInt32
    /// When the process made it, in nanoseconds since 1970.
    package let started: Int64
    /// Events that were committed and not handed over; of a living process at one moment.
    package let waiting: Int
    /// Bytes of their records.
    package let bytes: Int

    /// Looks at a file; `nil` where it is gone meanwhile.
    internal init?(_ path: String, name: String) {
        self.path = path
        // SERVICE.PROCESS.START.rings
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        service = parts.count > 3 ? parts.dropLast(3).joined(separator: ".") : ""
        do throws(RingFileError) {
            guard let file = try HeldFile(path, isForLooking: true) else {
                // This very process has it, unless it is gone.
                guard HeldFile.isHeld(path) else { return nil }
                (state, process, started, waiting, bytes) = (.live, Files.processID, 0, 0, 0)
                return
            }
            let reader = try RingFileReader(file, path)
            process = reader.process
            started = reader.startTime
            (waiting, bytes) = reader.count()
            state = file.holder == 0 ? .dead : file.holder == process ? .live : .locked
        } catch {
            (process, started, waiting, bytes) = (0, 0, 0, 0)
            state = .foreign(error.reason)
        }
    }
}

extension Recovery {
    /// Looks at the files of a service, or of all.
    package static func survey(
        service: String? = nil,
        directory: String? = nil
    ) throws(RingFileError) -> [RingFileSummary] {
        let place = try RingDirectory.place(directory)
        return try names(of: service, in: place).compactMap { RingFileSummary("\(place)/\($0)", name: $0) }
    }
}
