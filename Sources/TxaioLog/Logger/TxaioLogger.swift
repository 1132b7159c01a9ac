public import CTxaio
public import Synchronization

/// A logger: two words, copied freely, used from any thread.
///
/// Made by `makeLogger()`.
///
/// Its level is that of its namespace, shared with all loggers of the same name and changed for all of them at once.
@frozen
public struct TxaioLogger: LoggerProtocol, @unchecked Sendable {
    // Unchecked: the cell is immortal and written with atomics only, the fields never change.

    /// The namespace's cell, which says what passes.
    public let cell: UnsafePointer<txaio_cell>
    /// The fields bound to it.
    public let bound: EncodedFields?

    @inlinable @inline(__always)
    internal init(_ handle: LogHandle) {
        cell = handle.cell
        bound = handle.bound
    }
}

/// A logger that is constant data: the cheapest one to keep in a `static let`.
///
/// ```swift
/// static let log: StaticLogger = makeLogger()
/// ```
///
/// It cannot be copied; functions take it `borrowing`, and ``logger`` gives a ``TxaioLogger`` of the same namespace.
@frozen
public struct StaticLogger: LoggerProtocol, ~Copyable {
    // 0 until first used, then the address of the namespace's cell.
    @usableFromInline internal let known: Atomic<UInt>
    @usableFromInline internal let name: StaticString
    @usableFromInline internal let function: StaticString
    @usableFromInline internal let file: StaticString

    @inlinable @inline(__always)
    internal init(name: StaticString, function: StaticString, file: StaticString) {
        known = Atomic(0)
        self.name = name
        self.function = function
        self.file = file
    }

    /// The namespace's cell, which says what passes; looked up at the first use.
    @inlinable
    public var cell: UnsafePointer<txaio_cell> {
        @inline(__always) get {
            UnsafePointer(bitPattern: known.load(ordering: .acquiring)) ?? resolve()
        }
    }

    /// None: a constant has no fields of its own.
    @inlinable
    public var bound: EncodedFields? { @inline(__always) get { nil } }

    @usableFromInline @inline(never)
    internal borrowing func resolve() -> UnsafePointer<txaio_cell> {
        let name = name.utf8CodeUnitCount == 0 ? Namespace.derived(function: function, file: file) : name.description
        let found = NamespaceRegistry.shared.cell(name: name, file: file)
        known.store(UInt(bitPattern: found), ordering: .releasing)
        return found
    }

    /// A logger of the same namespace that can be copied.
    public var logger: TxaioLogger { TxaioLogger(handle) }
}
