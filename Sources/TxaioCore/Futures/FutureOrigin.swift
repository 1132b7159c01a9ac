/// Where a future was made, in 14 bytes: what else a future has in small fits behind it.
@usableFromInline
internal struct FutureOrigin {
    private let file: UnsafePointer<UInt8>?
    internal let line: UInt32
    private let length: UInt16

    @inlinable @inline(__always)
    internal init(_ file: StaticString, _ line: UInt) {
        let isPointer = file.hasPointerRepresentation
        self.init(
            file: isPointer ? file.utf8Start : nil,
            length: isPointer ? UInt16(truncatingIfNeeded: file.utf8CodeUnitCount) : 0,
            line: UInt32(truncatingIfNeeded: line)
        )
    }

    @usableFromInline
    internal init(file: UnsafePointer<UInt8>?, length: UInt16, line: UInt32) {
        self.file = file
        self.line = line
        self.length = length
    }

    /// The source file.
    internal var place: FailurePlace { FailurePlace(file: file, length: UInt32(length)) }
}
