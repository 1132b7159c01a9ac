internal import TxaioLog

// What futures say through the logger; none of it is on the path of a future that does well while trace is off.

extension TxaioFuture {
    @usableFromInline @inline(never)
    internal func traceMade() {
        CoreLog.future.trace("{future} made", ("future", name), ("file", "\(file)"), ("line", Int(line)))
    }

    @usableFromInline @inline(never)
    internal func traceSettled() {
        switch result {
        case .success?: CoreLog.future.trace("{future} resolved", ("future", name))
        case .failure(let failure)?:
            CoreLog.future.trace("{future} failed: {error}", ("future", name), ("error", failure.description))
        case nil: break
        }
    }

    @usableFromInline @inline(never)
    internal func reportUnhandled() {
        guard case .failure(let failure)? = result else { return }
        CoreLog.future.critical(
            "Unhandled error in a future made at {file}:{line}: {error}",
            ("file", "\(file)"),
            ("line", Int(line)),
            ("error", failure.description),
            ("rejected_at", "\(failure.file):\(failure.line)"),
            ("traceback", failure.traceback?.description ?? "")
        )
    }

    @usableFromInline @inline(never)
    internal func reportThrown(_ error: any Error, by kind: StaticString) {
        CoreLog.future.error(
            "The {kind} of a future made at {file}:{line} threw: {error}",
            ("kind", "\(kind)"),
            ("file", "\(file)"),
            ("line", Int(line)),
            ("error", failureText(of: error))
        )
    }

    /// What tells it from others that live at the same time.
    private var name: String {
        "future 0x" + String(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), radix: 16)
    }
}
