public import CTxaio

/// What every logger comes down to: its namespace's cell, and the fields bound to it.
@frozen
public struct LogHandle: @unchecked Sendable {
    // Unchecked: the cell is immortal and written with atomics only, the fields never change.
    @usableFromInline internal let cell: UnsafePointer<txaio_cell>
    @usableFromInline internal let bound: EncodedFields?

    @inlinable @inline(__always)
    internal init(cell: UnsafePointer<txaio_cell>, bound: EncodedFields?) {
        self.cell = cell
        self.bound = bound
    }

    @inlinable @inline(__always)
    internal func passes(_ level: LogLevel) -> Bool { isPassing(cell, level) }
}

/// One relaxed load of one byte: all that a call costs that is turned away.
@inlinable @inline(__always)
internal func isPassing(_ cell: UnsafePointer<txaio_cell>, _ level: LogLevel) -> Bool {
    txaio_cell_level(cell) >= level.rawValue
}
