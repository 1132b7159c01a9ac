public import CTxaio
public import Synchronization

/// A logger: two words, copied freely, used from any thread. Made by `makeLogger()`.
///
/// Its level is that of its namespace, shared with all loggers of the same name and changed for all of them at once.
@frozen
public struct TxaioLogger: LoggerProtocol {
    /// The namespace's cell and the bound fields.
    public let handle: LogHandle

    @usableFromInline
    internal init(_ handle: LogHandle) { self.handle = handle }
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
    @usableFromInline internal let cell: Atomic<UInt>
    @usableFromInline internal let name: StaticString
    @usableFromInline internal let function: StaticString
    @usableFromInline internal let file: StaticString

    @inlinable @inline(__always)
    internal init(name: StaticString, function: StaticString, file: StaticString) {
        cell = Atomic(0)
        self.name = name
        self.function = function
        self.file = file
    }

    /// The namespace's cell.
    @inlinable
    public var handle: LogHandle {
        @inline(__always) get {
            let address = cell.load(ordering: .acquiring)
            if let known = UnsafePointer<txaio_cell>(bitPattern: address) { return LogHandle(cell: known, bound: nil) }
            return resolve()
        }
    }

    @usableFromInline @inline(never)
    internal borrowing func resolve() -> LogHandle {
        let name = name.utf8CodeUnitCount == 0 ? Namespace.derived(function: function, file: file) : name.description
        let found = NamespaceRegistry.shared.cell(name: name, file: file)
        cell.store(UInt(bitPattern: found), ordering: .releasing)
        return LogHandle(cell: found, bound: nil)
    }

    /// A logger of the same namespace that can be copied.
    public var logger: TxaioLogger { TxaioLogger(handle) }
}
