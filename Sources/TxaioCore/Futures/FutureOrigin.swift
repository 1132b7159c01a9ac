/// Where a future was made, in 14 bytes: what else a future has in small fits behind it.
@usableFromInline
internal struct FutureOrigin {
    @usableFromInline internal let file: UnsafePointer<UInt8>?
    @usableFromInline internal let line: UInt32
    @usableFromInline internal let length: UInt16

    @inlinable @inline(__always)
    internal init(_ file: StaticString, _ line: UInt) {
        let isPointer = file.hasPointerRepresentation
        self.file = isPointer ? file.utf8Start : nil
        self.line = UInt32(truncatingIfNeeded: line)
        length = isPointer ? UInt16(truncatingIfNeeded: file.utf8CodeUnitCount) : 0
    }

    /// The source file.
    internal var place: FailurePlace { FailurePlace(file: file, length: UInt32(length)) }
}
