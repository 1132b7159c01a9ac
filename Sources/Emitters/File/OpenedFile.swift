/// A log file that was opened: its descriptor, which the owner closes, and what is known of it.
internal struct OpenedFile {
    let descriptor: Int32
    let kind: SystemCall.Kind
    let status: SystemCall.Status
    /// Whether it ends within a line.
    let isTorn: Bool

    /// Opens it for appending.
    ///
    /// - Throws: ``LogFileError`` where it cannot be opened, or is none that could be rotated and is to be.
    internal init(_ file: LogFile) throws(LogFileError) {
        var attempts = 3
        while true {
            let opened = try Self.open(file)
            guard opened.kind == .file else {
                self = opened
                return
            }
            attempts -= 1
            // Whoever compresses a file waits until nobody shares its lock. One that cannot be had says that the file was
            // put aside since it was opened. Where there are no locks, nobody compresses.
            let isShared: Bool
            do {
                try SystemCall.lock(opened.descriptor, isShared: true)
                isShared = true
            } catch {
                isShared = !error.isFull
            }
            // Put aside, compressed and deleted before the lock was had, it is no longer at the path.
            let isThere = Self.isAtPath(opened, file)
            if isShared && isThere || attempts == 0 {
                self = opened
                return
            }
            SystemCall.closeDescriptor(opened.descriptor)
        }
    }

    private static func isAtPath(_ opened: OpenedFile, _ file: LogFile) -> Bool {
        let status = try? SystemCall.status(at: file.path, followsLink: file.rotation == nil)
        return status?.identity == opened.status.identity
    }

    private init(_ descriptor: Int32, _ kind: SystemCall.Kind, _ status: SystemCall.Status, isTorn: Bool) {
        self.descriptor = descriptor
        self.kind = kind
        self.status = status
        self.isTorn = isTorn
    }

    private static func open(_ file: LogFile) throws(LogFileError) -> OpenedFile {
        let isTorn = SystemCall.endsWithinLine(file.path)
        let descriptor: Int32
        do {
            descriptor = try SystemCall.openAppending(
                file.path,
                permissions: file.permissions,
                followsLink: file.rotation == nil
            )
        } catch {
            if error.isLink, file.rotation != nil {
                throw LogFileError(path: file.path, error, "cannot rotate", because: "it is a symbolic link")
            }
            throw LogFileError(path: file.path, error, "cannot open")
        }
        do {
            return try examine(descriptor, file, isTorn: isTorn)
        } catch {
            SystemCall.closeDescriptor(descriptor)
            throw error
        }
    }

    private static func examine(_ descriptor: Int32, _ file: LogFile, isTorn: Bool) throws(LogFileError) -> OpenedFile {
        let opened: OpenedFile
        do {
            let kind = try SystemCall.kind(of: descriptor)
            opened = OpenedFile(descriptor, kind, try SystemCall.status(of: descriptor), isTorn: isTorn)
        } catch {
            throw LogFileError(path: file.path, error, "cannot open")
        }
        if file.rotation != nil, let reason = opened.status.refusal {
            throw LogFileError(path: file.path, .notPermitted, "cannot rotate", because: reason)
        }
        return opened
    }
}

extension SystemCall.Status {
    /// Why the file is none to be put aside, deleted or compressed; `nil` where it is.
    internal var refusal: String? {
        if !isRegular { return "it is no regular file" }
        if !isOwn { return "it belongs to another user" }
        if links != 1 { return "it has several names" }
        return nil
    }
}
