internal import TxaioLog

extension LineSink {
    /// Lines to an open stream.
    ///
    /// Never fails: where the stream is closed, every line finds it gone.
    internal convenience init(_ stream: LogStream, emitter: String, waitsAtMost: Duration) {
        let copy = (try? SystemCall.duplicate(stream.descriptor)) ?? -1
        let kind = (try? SystemCall.kind(of: copy)) ?? .device
        self.init(
            LineDescriptor(copy, kind, waitsAtMost: waitsAtMost.inNanoseconds),
            emitter: emitter,
            place: stream.description,
            identity: SystemCall.identity(of: copy)
        )
    }

    /// Lines to the end of a file.
    internal convenience init(
        _ file: LogFile,
        emitter: String,
        waitsAtMost: Duration
    ) throws(LogFileError) {
        if file.makesDirectories { try Self.makeDirectories(above: file.path) }
        let opened = try OpenedFile(file)
        if file.reopensOnHangup {
            let error = Reopening.requestOnHangup()
            if error != 0 {
                SystemCall.closeDescriptor(opened.descriptor)
                throw LogFileError(path: file.path, Errno(error), "cannot handle SIGHUP for")
            }
        }
        let waits = waitsAtMost.inNanoseconds
        let rotation = file.rotation.flatMap { $0.tidies ? $0 : nil }
        let rotated = rotation.map { RotatedFiles(path: file.path, $0, emitter: emitter) }
        let descriptor = LineDescriptor(opened.descriptor, opened.kind, waitsAtMost: waits, isTorn: opened.isTorn)
        self.init(
            descriptor,
            emitter: emitter,
            place: file.path,
            identity: opened.status.identity,
            follower: opened.kind == .file
                ? FileFollower(file, opened, waitsAtMost: waits, rotatedFiles: rotated) : nil,
            synchronisesOnFlush: file.synchronisesOnFlush
        )
        // What an earlier run left.
        rotated?.tidySoon()
    }

    /// Makes what is missing of the path that leads to a file.
    private static func makeDirectories(above path: String) throws(LogFileError) {
        let bytes = Array(path.utf8)
        for index in bytes.indices where index > 0 && bytes[index] == 0x2F && bytes[index - 1] != 0x2F {
            let directory = String(decoding: bytes[..<index], as: UTF8.self)
            do {
                try SystemCall.makeDirectory(directory, permissions: 0o750)
            } catch {
                throw LogFileError(path: directory, error, "cannot make directory")
            }
        }
    }
}

extension Duration {
    /// Whole nanoseconds, between 0 and what an `Int64` holds.
    internal var inNanoseconds: Int64 {
        // (`components` traps where the seconds exceed an `Int64`.)
        Int64(clamping: max(0, attoseconds / 1_000_000_000))
    }
}
