public import CTxaio

/// What a runtime's futures look at at every step: in raw memory, so that no reference is counted on the way.
///
/// Constants, which any thread reads; in memory a ``LoopState`` follows.
@usableFromInline
internal struct RuntimeState {
    /// What the loop's threads have in their storage.
    @usableFromInline internal let identity: UnsafeRawPointer
    /// The level of the namespace that futures log under.
    @usableFromInline internal let cell: UnsafePointer<txaio_cell>
    /// Whose it is.
    @usableFromInline internal let runtime: Unmanaged<TxaioRuntime>
    /// Whether a thread that does not say that it works for the loop may do so all the same.
    @usableFromInline internal let asksLoop: Bool
    /// Whether the runtime lives as long as the process: then futures need not hold it.
    @usableFromInline internal let isPermanent: Bool

    internal init(
        identity: UnsafeRawPointer,
        cell: UnsafePointer<txaio_cell>,
        runtime: Unmanaged<TxaioRuntime>,
        asksLoop: Bool,
        isPermanent: Bool
    ) {
        self.identity = identity
        self.cell = cell
        self.runtime = runtime
        self.asksLoop = asksLoop
        self.isPermanent = isPermanent
    }
}

/// What belongs to the loop's thread; apart from the constants, as a change of one part counts as one of the whole.
@usableFromInline
internal struct LoopState {
    /// Whether callbacks are being run.
    @usableFromInline internal var isDraining = false
    @usableFromInline internal var freeNodeCount: UInt32 = 0
    /// Memory of callbacks, kept for the next ones: an address, or 0.
    @usableFromInline internal var freeNodes: UInt = 0
    @usableFromInline internal var queue = ReadyQueue()
    @usableFromInline internal var memory = FutureMemory()

    internal init() {}
}

extension UnsafeMutablePointer<RuntimeState> {
    /// Memory for both, with nothing in it yet.
    internal static func room() -> UnsafeMutablePointer<RuntimeState> {
        let size = MemoryLayout<RuntimeState>.stride + MemoryLayout<LoopState>.stride
        return UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16).assumingMemoryBound(
            to: RuntimeState.self
        )
    }

    /// Fills it.
    internal func begin(_ state: RuntimeState) {
        initialize(to: state)
        own.initialize(to: LoopState())
    }

    /// Gives all memory back, once nobody uses it.
    internal func end() {
        while let node = UnsafeMutablePointer<CallbackNode>(list: own.pointee.freeNodes) {
            own.pointee.freeNodes = UnsafeRawPointer(node).load(as: UInt.self)
            CallbackNode.free(node)
        }
        own.pointee.queue.deallocate()
        own.pointee.memory.deallocate()
        own.deinitialize(count: 1)
        deinitialize(count: 1)
        UnsafeMutableRawPointer(self).deallocate()
    }

    /// What belongs to the loop's thread.
    @inlinable
    internal var own: UnsafeMutablePointer<LoopState> {
        @inline(__always) get {
            (UnsafeMutableRawPointer(self) + MemoryLayout<RuntimeState>.stride).assumingMemoryBound(to: LoopState.self)
        }
    }

    /// Whether the caller is called by the loop.
    @inlinable
    internal var isCurrent: Bool {
        @inline(__always) get { isAtWork || (pointee.asksLoop && isLoopCurrent) }
    }

    /// Whether the caller's thread says that it works for the loop.
    @inlinable
    internal var isAtWork: Bool {
        @inline(__always) get { txaio_loop_current() == pointee.identity }
    }

    /// Whether the caller is called by the loop, and no other thread ever takes what waits for it: a loop that gives up what it
    /// was given may do so anywhere.
    @inlinable
    internal var keepsOwnCallbacks: Bool {
        @inline(__always) get { isAtWork && !pointee.asksLoop }
    }

    @usableFromInline
    internal var isLoopCurrent: Bool {
        @inline(never) get { pointee.runtime._withUnsafeGuaranteedRef { $0.loop.isCurrent } }
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /// Runs callbacks that were taken from a future, on the loop: here and now, or in their turn where others are running.
    ///
    /// `isReleasing` says that a reference to the future is handed over.
    @usableFromInline @inline(never)
    internal func call(_ list: UInt, of future: Unmanaged<AnyTxaioFuture>, isReleasing: Bool) {
        if own.pointee.isDraining {
            own.pointee.queue.append(ReadyEntry(isReleasing ? future : future.retain(), list: list))
            return
        }
        let before = beginDraining()
        run(list, of: UnsafeRawPointer(future.toOpaque()))
        endDraining(before)
        if isReleasing { future.release() }
    }

    /// The same for two lists, in their order.
    internal func call(_ list: UInt, _ other: UInt, of future: Unmanaged<AnyTxaioFuture>) {
        if list == 0 || other == 0 {
            if list | other != 0 { call(list | other, of: future, isReleasing: false) }
            return
        }
        let isOutermost = !own.pointee.isDraining
        let before = isOutermost ? beginDraining() : nil
        own.pointee.queue.append(ReadyEntry(future.retain(), list: list))
        own.pointee.queue.append(ReadyEntry(future.retain(), list: other))
        if isOutermost { endDraining(before) }
    }

    /// Runs callbacks that were taken from the future at an address, in the order of adding; whoever has them run holds it.
    @inline(__always)
    internal func run(_ list: UInt, of future: UnsafeRawPointer) {
        guard var node = UnsafeMutablePointer<CallbackNode>(list: list) else { return }
        // The latest comes first: turn the links round. The oldest is left as it is, since many futures may share it.
        var rest: UInt = 0
        while let older = UnsafeMutablePointer<CallbackNode>(list: node.pointee.next) {
            node.pointee.next = rest
            rest = UInt(bitPattern: node)
            node = older
        }
        while true {
            CallbackNode.operate(node, self, future)
            guard let following = UnsafeMutablePointer<CallbackNode>(list: rest) else { return }
            node = following
            rest = node.pointee.next
        }
    }

    /// Begins to run what is ready, on the loop, and not while it does so already; gives what ``endDraining(_:)`` takes.
    @inline(__always)
    internal func beginDraining() -> UnsafeRawPointer? {
        let before = txaio_loop_current()
        txaio_loop_set(pointee.identity)
        own.pointee.isDraining = true
        return before
    }

    /// Runs all that was made ready meanwhile, and ends.
    @inline(__always)
    internal func endDraining(_ before: UnsafeRawPointer?) {
        if !own.pointee.queue.isEmpty { runReady() }
        own.pointee.isDraining = false
        txaio_loop_set(before)
    }

    @inline(never)
    private func runReady() {
        while let entry = own.pointee.queue.next() { entry.run(on: self) }
    }

    // ------------------------------------------------------------------------------------------------ their memory

    /// Makes a node; `operate` begins with ``dismantle(_:as:with:)``.
    @inlinable @inline(__always)
    internal func makeNode<Body: ~Copyable>(
        _ body: consuming Body,
        _ operate: @escaping CallbackNode.Operation
    ) -> UnsafeMutablePointer<CallbackNode> {
        let node: UnsafeMutablePointer<CallbackNode>
        if isCurrent, let kept = UnsafeMutablePointer<CallbackNode>(list: own.pointee.freeNodes) {
            own.pointee.freeNodes = UnsafeRawPointer(kept).load(as: UInt.self)
            own.pointee.freeNodeCount &-= 1
            node = kept
        } else {
            node = CallbackNode.allocate()
        }
        node.initialize(to: CallbackNode(operate))
        node.body(as: Body.self).initialize(to: body)
        return node
    }

    /// Takes out what a node holds, and gives its memory back; with a future it is run, which only the loop does.
    @inlinable @inline(__always)
    internal func dismantle<Body: ~Copyable>(
        _ node: UnsafeMutablePointer<CallbackNode>,
        as type: Body.Type,
        with future: UnsafeRawPointer?
    ) -> Body {
        let body = node.body(as: type).move()
        if future != nil || isCurrent, own.pointee.freeNodeCount < 1_024 {
            UnsafeMutableRawPointer(node).storeBytes(of: own.pointee.freeNodes, as: UInt.self)
            own.pointee.freeNodes = UInt(bitPattern: node)
            own.pointee.freeNodeCount &+= 1
        } else {
            CallbackNode.free(node)
        }
        return body
    }
}
