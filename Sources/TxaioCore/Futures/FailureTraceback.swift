internal import CTxaio
internal import Synchronization

/// How the program came to where a failure was made: the addresses, which become text when asked for.
///
/// Capturing follows the frame pointers of the calling thread, up to 64 frames, and costs some tens of nanoseconds and one
/// array. C functions built without frame pointers may end it early; of an asynchronous function there is what is on the
/// stack. There is none on processors other than x86-64 and ARM64.
public struct FailureTraceback: Sendable, Hashable, CustomStringConvertible {
    /// The return addresses, the innermost first.
    public let addresses: [UInt]

    private static let mostFrames = 64
    /// Of a function, in bytes, before it is demangled.
    private static let longestName = 8_192

    /// That of the caller's caller, or `nil` where the platform gives none.
    @inline(never)
    internal static func capture() -> FailureTraceback? {
        // No closure, which without optimisation would be a frame of its own.
        let frames = UnsafeMutablePointer<UInt>.allocate(capacity: mostFrames)
        defer { frames.deallocate() }
        let count = txaio_trace_capture(frames, mostFrames, 2)
        if count == 0 { return nil }
        return FailureTraceback(addresses: Array(UnsafeBufferPointer(start: frames, count: count)))
    }

    /// Whether every error is to have one: `Txaio.config.capturesTracebacks`.
    internal static var isWanted: Bool {
        get { wanted.load(ordering: .relaxed) }
        set { wanted.store(newValue, ordering: .relaxed) }
    }

    private static let wanted = Atomic(false)

    /// One frame a line, the innermost first: function, offset, program or library and the address in that.
    ///
    /// Reads the files of programs and libraries, so it takes some milliseconds. Where a file was stripped, the address is what
    /// a tool such as `addr2line` takes.
    public var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.longestName) { name in
            guard let start = name.baseAddress else { return "" }
            return addresses.map { Self.text(of: $0, start) }.joined(separator: "\n")
        }
    }

    private static func text(of address: UInt, _ name: UnsafeMutablePointer<CChar>) -> String {
        var place = txaio_trace_place(base: 0, image: nil, offset: 0, name: name, room: longestName)
        // A return address lies behind the call, maybe behind the function's end.
        guard txaio_trace_find(address &- 1, &place) else { return "0x" + String(address, radix: 16) }
        let image = place.image.map { String(cString: $0) }?.split(separator: "/").last.map { String($0) } ?? "?"
        let offset = "\(image) 0x" + String((address &- 1) &- place.base, radix: 16)
        return name.pointee == 0 ? "(\(offset))" : "\(plain(name)) + \(place.offset &+ 1) (\(offset))"
    }

    private static func plain(_ name: UnsafePointer<CChar>) -> String {
        guard let plain = txaio_trace_demangle(name) else { return String(cString: name) }
        defer { txaio_trace_free(plain) }
        return String(cString: plain)
    }
}
