internal import TxaioLog

// What futures say through the logger; none of it is on the path of a future that does well while trace is off.

extension AnyTxaioFuture {
    @usableFromInline @inline(never)
    internal func traceMade() {
        CoreLog.future.trace(
            "{future} made at {file}:{line}",
            ("future", name),
            ("file", origin.place.name),
            ("line", Int(origin.line))
        )
    }

    @usableFromInline @inline(never)
    internal func traceSettled() {
        guard let failure else { return CoreLog.future.trace("{future} resolved", ("future", name)) }
        CoreLog.future.trace("{future} failed: {error}", ("future", name), ("error", failure.description))
    }

    @inline(never)
    internal func reportUnhandled() {
        guard let failure else { return }
        CoreLog.future.critical(
            "Unhandled error in a future made at {file}:{line}: {error}",
            ("file", origin.place.name),
            ("line", Int(origin.line)),
            ("error", failure.description),
            ("rejected_at", "\(failure.file):\(failure.line)"),
            ("traceback", failure.traceback?.description ?? "")
        )
    }

    @inline(never)
    internal func reportThrown(_ error: any Error, by kind: String) {
        CoreLog.future.error(
            "The {kind} of a future made at {file}:{line} threw: {error}",
            ("kind", kind),
            ("file", origin.place.name),
            ("line", Int(origin.line)),
            ("error", failureText(of: error))
        )
    }

    /// What tells it from others that live at the same time.
    private var name: String {
        "future 0x" + String(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), radix: 16)
    }
}
