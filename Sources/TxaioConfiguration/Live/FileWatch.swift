#if Configuration
internal import CTxaio

/// Watches the directories that a path leads through, and can be woken from any thread and from a signal handler.
///
/// What it sees are hints: the file's identity tells. Where there is no inotify it sees nothing and only sleeps.
internal final class FileWatch: @unchecked Sendable {
    // Unchecked: used by the thread that follows the file; signal handlers only write into a pipe.
    private let path: String
    private let watch: OpaquePointer
    /// Watched directories by the kernel's number, and the names in them that matter.
    private var names: [Int32: Set<String>] = [:]

    /// Answers `nil` where the system has no descriptor left.
    internal init?(path: String) {
        guard let watch = txaio_watch_make() else { return nil }
        self.path = path
        self.watch = watch
        follow()
    }

    deinit {
        txaio_wake_no_more(wakeUp)
        txaio_watch_free(watch)
    }

    /// Whether the end of writing is seen.
    internal var isWatching: Bool { !names.isEmpty }

    /// What a signal handler writes a byte into to end the wait that is under way, or the next.
    internal var wakeUp: Int32 { txaio_watch_wake_end(watch) }

    /// Waits until something is seen, at most so many nanoseconds; answers what was seen.
    internal func wait(nanoseconds: Int64) -> [ReloadPace.Sight] {
        // Rounded up: to wake early is to wake twice.
        txaio_watch_wait(watch, Int32(clamping: (nanoseconds + 999_999) / 1_000_000))
        return sights()
    }

    /// What was seen since the last time, without waiting.
    internal func sights() -> [ReloadPace.Sight] {
        var found: [ReloadPace.Sight] = []
        var mayLeadElsewhere = false
        var number: Int32 = -1
        var name: UnsafePointer<CChar>?
        while case let sight = txaio_watch_next(watch, &number, &name), sight != TXAIO_SIGHT_NONE {
            if sight == TXAIO_SIGHT_LOST { mayLeadElsewhere = true }
            guard let name, names[number]?.contains(String(cString: name)) ?? false else { continue }
            switch sight {
            case TXAIO_SIGHT_WRITTEN: found.append(.written)
            case TXAIO_SIGHT_CLOSED: found.append(.closed)
            case TXAIO_SIGHT_TOUCHED: found.append(.touched)
            default:
                found.append(.renamed)
                mayLeadElsewhere = true
            }
        }
        if mayLeadElsewhere { follow() }
        return found
    }

    /// Watches the directory of the path, and of each link that it leads to.
    private func follow() {
        var next: [Int32: Set<String>] = [:]
        var current = path
        // As many links as the kernel follows.
        for _ in 0..<40 {
            for (directory, name) in Self.steps(of: current) {
                let number = txaio_watch_add(watch, directory)
                if number >= 0 { next[number, default: []].insert(name) }
            }
            guard let target = Self.target(of: current) else { break }
            current = target
        }
        for number in names.keys where next[number] == nil { txaio_watch_remove(watch, number) }
        names = next
    }

    /// The directories in which a name of the path could be made to lead elsewhere: its own, and that of a link on the way.
    private static func steps(of path: String) -> [(directory: String, name: String)] {
        let bytes = Array(path.utf8)
        var steps: [(String, String)] = []
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return [(".", path)] }
        let directory = slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
        steps.append((directory, String(decoding: bytes[(slash + 1)...], as: UTF8.self)))
        if Platform.link(at: directory) != nil { steps += self.steps(of: directory) }
        return steps
    }

    /// The path with the first link from its end replaced by what that leads to.
    private static func target(of path: String) -> String? {
        let bytes = Array(path.utf8)
        var end = bytes.count
        while end > 0 {
            let head = String(decoding: bytes[..<end], as: UTF8.self)
            let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/"))
            if let link = Platform.link(at: head) {
                let rest = String(decoding: bytes[end...], as: UTF8.self)
                if link.utf8.first == UInt8(ascii: "/") { return link + rest }
                let directory = slash.map { String(decoding: bytes[...$0], as: UTF8.self) } ?? ""
                return directory + link + rest
            }
            guard let slash else { return nil }
            end = slash
        }
        return nil
    }
}
#endif
