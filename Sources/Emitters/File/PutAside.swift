internal import TxaioLog

/// Gives a log file the name under which it is put aside.
internal enum PutAside {
    /// Why it could not be.
    internal struct Failure: Error {
        let reason: String
    }

    /// Renames the file at `path`, if it is still the one with `identity`, and answers what it was.
    ///
    /// `nil` where another process is about to, or has.
    ///
    /// The directory is locked meanwhile, without waiting. The new name is taken first by an empty file of one's own, which the
    /// log then replaces: at no moment is another file overwritten, or the log without a name. What is not empty under such
    /// a name is therefore never replaced, and may be compressed.
    internal static func move(_ path: String, _ identity: SystemCall.Identity) throws(Failure) -> SystemCall.Status? {
        do {
            let directory = try SystemCall.openDirectory(LogPath(path).directory)
            defer {
                SystemCall.unlock(directory)
                SystemCall.closeDescriptor(directory)
            }
            do {
                try SystemCall.lock(directory, isShared: false)
            } catch {
                // A network's file system may have no such locks. Two processes at once then put aside one file too many.
                if error.isFull { return nil }
            }
            let status = try SystemCall.status(at: path, followsLink: false)
            guard status.identity == identity else { return nil }
            if let reason = status.refusal { throw Failure(reason: reason) }
            let target = try reserve(path)
            do {
                try SystemCall.rename(path, to: target)
            } catch {
                // The empty file must not stay; where it has to, it is one of those put aside.
                try? SystemCall.remove(target)
                throw error
            }
            return status
        } catch let failure as Failure {
            throw failure
        } catch let error as Errno {
            throw Failure(reason: error.description)
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    /// Takes the first free name from now on, a microsecond after the other, by an empty file.
    private static func reserve(_ path: String) throws(Errno) -> String {
        var time = Clocks.wall()
        for _ in 0..<1_000 {
            let name = RotatedName(stamp: RotatedName.stamp(of: time))
            time &+= 1_000
            guard isFree(RotatedName(stamp: name.stamp, form: .compressed).name(of: path)) else { continue }
            do {
                let target = name.name(of: path)
                SystemCall.closeDescriptor(try SystemCall.openNew(target, permissions: 0o600))
                return target
            } catch {
                if error != .taken { throw error }
            }
        }
        throw .taken
    }

    private static func isFree(_ path: String) -> Bool {
        do {
            _ = try SystemCall.status(at: path, followsLink: false)
            return false
        } catch {
            return true
        }
    }
}

/// A path in its two parts.
internal struct LogPath {
    /// `.` where the path has none.
    let directory: String
    let name: String

    internal init(_ path: String) {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else {
            (directory, name) = (".", path)
            return
        }
        directory = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
        name = String(decoding: bytes[(slash + 1)...], as: UTF8.self)
    }
}
