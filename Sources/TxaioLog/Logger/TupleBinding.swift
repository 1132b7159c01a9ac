// swift-format-ignore-file
// Made by scripts/generate-tuples: bindings of one to eight pairs, each number a function of its own.

extension LoggerProtocol where Self: ~Copyable {
    /// Makes a logger that puts a field into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue>(
        _ a: (StaticString, A)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode)
        writer.field(a)
        return writer.bind(to: cell, over: bound, count: 1)
    }

    /// Makes a logger that puts 2 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        return writer.bind(to: cell, over: bound, count: 2)
    }

    /// Makes a logger that puts 3 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue, C: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        return writer.bind(to: cell, over: bound, count: 3)
    }

    /// Makes a logger that puts 4 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        return writer.bind(to: cell, over: bound, count: 4)
    }

    /// Makes a logger that puts 5 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        return writer.bind(to: cell, over: bound, count: 5)
    }

    /// Makes a logger that puts 6 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode && F.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.field(f)
        return writer.bind(to: cell, over: bound, count: 6)
    }

    /// Makes a logger that puts 7 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode && F.runsNoUserCode && G.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.field(f)
        writer.field(g)
        return writer.bind(to: cell, over: bound, count: 7)
    }

    /// Makes a logger that puts 8 fields into each of its events: the cheapest way to bind.
    @inlinable @inline(__always)
    public func bind<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H)
    ) -> TxaioLogger {
        var writer = RecordWriter.beginFields(direct: A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode && F.runsNoUserCode && G.runsNoUserCode && H.runsNoUserCode)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.field(f)
        writer.field(g)
        writer.field(h)
        return writer.bind(to: cell, over: bound, count: 8)
    }
}
