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
        let isTorn = SystemCall.endsWithinLine(file.path)
        let descriptor: Int32
        let kind: SystemCall.Kind
        do {
            (descriptor, kind) = try Self.open(file)
        } catch {
            throw LogFileError(path: file.path, error, "cannot open")
        }
        self.init(
            LineDescriptor(descriptor, kind, waitsAtMost: waitsAtMost.inNanoseconds, isTorn: isTorn),
            emitter: emitter,
            place: file.path,
            identity: SystemCall.identity(of: descriptor),
            synchronisesOnFlush: file.synchronisesOnFlush
        )
    }

    private static func open(_ file: LogFile) throws(Errno) -> (Int32, SystemCall.Kind) {
        let descriptor = try SystemCall.openAppending(file.path, permissions: file.permissions)
        do {
            return (descriptor, try SystemCall.kind(of: descriptor))
        } catch {
            SystemCall.closeDescriptor(descriptor)
            throw error
        }
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
    fileprivate var inNanoseconds: Int64 {
        // (`components` traps where the seconds exceed an `Int64`.)
        Int64(clamping: max(0, attoseconds / 1_000_000_000))
    }
}
