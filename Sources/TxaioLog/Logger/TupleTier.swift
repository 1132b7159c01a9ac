// swift-format-ignore-file
// Made by scripts/generate-tuples: log calls with zero to eight pairs. Swift 6.3 does not specialise parameter packs, which
// makes them fifteen times as slow, so each number of pairs is a function of its own.

extension LogHandle {
    @inlinable @inline(__always)
    internal func log(
        _ level: LogLevel,
        _ template: StaticString,
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = true
        guard var writer = RecordWriter.begin(level, self, count: 0, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 1, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 2, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue, C: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ c: (StaticString, C),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 3, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ c: (StaticString, C),
        _ d: (StaticString, D),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 4, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ c: (StaticString, C),
        _ d: (StaticString, D),
        _ e: (StaticString, E),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 5, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ c: (StaticString, C),
        _ d: (StaticString, D),
        _ e: (StaticString, E),
        _ f: (StaticString, F),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode && F.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 6, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.field(f)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ c: (StaticString, C),
        _ d: (StaticString, D),
        _ e: (StaticString, E),
        _ f: (StaticString, F),
        _ g: (StaticString, G),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode && F.runsNoUserCode && G.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 7, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.field(f)
        writer.field(g)
        writer.finish(self)
    }

    @inlinable @inline(__always)
    internal func log<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ level: LogLevel,
        _ template: StaticString,
        _ a: (StaticString, A),
        _ b: (StaticString, B),
        _ c: (StaticString, C),
        _ d: (StaticString, D),
        _ e: (StaticString, E),
        _ f: (StaticString, F),
        _ g: (StaticString, G),
        _ h: (StaticString, H),
        _ function: StaticString,
        _ line: UInt32
    ) {
        let isDirect = A.runsNoUserCode && B.runsNoUserCode && C.runsNoUserCode && D.runsNoUserCode && E.runsNoUserCode && F.runsNoUserCode && G.runsNoUserCode && H.runsNoUserCode
        guard var writer = RecordWriter.begin(level, self, count: 8, direct: isDirect) else { return }
        writer.call(template, function, line)
        writer.field(a)
        writer.field(b)
        writer.field(c)
        writer.field(d)
        writer.field(e)
        writer.field(f)
        writer.field(g)
        writer.field(h)
        writer.finish(self)
    }
}

extension LoggerProtocol where Self: ~Copyable {
    /// Logs a template at critical.
    @inlinable @inline(__always)
    public func critical(
        _ template: StaticString, _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, _function, _line) } }

    /// Logs a template with one pair at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, _function, _line) } }

    /// Logs a template with 2 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, _function, _line) } }

    /// Logs a template with 3 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue, C: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, c, _function, _line) } }

    /// Logs a template with 4 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, c, d, _function, _line) } }

    /// Logs a template with 5 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, c, d, e, _function, _line) } }

    /// Logs a template with 6 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, c, d, e, f, _function, _line) } }

    /// Logs a template with 7 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, c, d, e, f, g, _function, _line) } }

    /// Logs a template with 8 pairs at critical.
    @inlinable @inline(__always)
    public func critical<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .critical) { handle.log(.critical, template, a, b, c, d, e, f, g, h, _function, _line) } }

    /// Logs a template at error.
    @inlinable @inline(__always)
    public func error(
        _ template: StaticString, _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, _function, _line) } }

    /// Logs a template with one pair at error.
    @inlinable @inline(__always)
    public func error<A: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, _function, _line) } }

    /// Logs a template with 2 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, _function, _line) } }

    /// Logs a template with 3 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue, C: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, c, _function, _line) } }

    /// Logs a template with 4 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, c, d, _function, _line) } }

    /// Logs a template with 5 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, c, d, e, _function, _line) } }

    /// Logs a template with 6 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, c, d, e, f, _function, _line) } }

    /// Logs a template with 7 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, c, d, e, f, g, _function, _line) } }

    /// Logs a template with 8 pairs at error.
    @inlinable @inline(__always)
    public func error<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .error) { handle.log(.error, template, a, b, c, d, e, f, g, h, _function, _line) } }

    /// Logs a template at warn.
    @inlinable @inline(__always)
    public func warn(
        _ template: StaticString, _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, _function, _line) } }

    /// Logs a template with one pair at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, _function, _line) } }

    /// Logs a template with 2 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, _function, _line) } }

    /// Logs a template with 3 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue, C: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, c, _function, _line) } }

    /// Logs a template with 4 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, c, d, _function, _line) } }

    /// Logs a template with 5 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, c, d, e, _function, _line) } }

    /// Logs a template with 6 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, c, d, e, f, _function, _line) } }

    /// Logs a template with 7 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, c, d, e, f, g, _function, _line) } }

    /// Logs a template with 8 pairs at warn.
    @inlinable @inline(__always)
    public func warn<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .warn) { handle.log(.warn, template, a, b, c, d, e, f, g, h, _function, _line) } }

    /// Logs a template at info.
    @inlinable @inline(__always)
    public func info(
        _ template: StaticString, _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, _function, _line) } }

    /// Logs a template with one pair at info.
    @inlinable @inline(__always)
    public func info<A: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, _function, _line) } }

    /// Logs a template with 2 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, _function, _line) } }

    /// Logs a template with 3 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue, C: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, c, _function, _line) } }

    /// Logs a template with 4 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, c, d, _function, _line) } }

    /// Logs a template with 5 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, c, d, e, _function, _line) } }

    /// Logs a template with 6 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, c, d, e, f, _function, _line) } }

    /// Logs a template with 7 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, c, d, e, f, g, _function, _line) } }

    /// Logs a template with 8 pairs at info.
    @inlinable @inline(__always)
    public func info<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .info) { handle.log(.info, template, a, b, c, d, e, f, g, h, _function, _line) } }

    /// Logs a template at debug.
    @inlinable @inline(__always)
    public func debug(
        _ template: StaticString, _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, _function, _line) } }

    /// Logs a template with one pair at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, _function, _line) } }

    /// Logs a template with 2 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, _function, _line) } }

    /// Logs a template with 3 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue, C: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, c, _function, _line) } }

    /// Logs a template with 4 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, c, d, _function, _line) } }

    /// Logs a template with 5 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, c, d, e, _function, _line) } }

    /// Logs a template with 6 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, c, d, e, f, _function, _line) } }

    /// Logs a template with 7 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, c, d, e, f, g, _function, _line) } }

    /// Logs a template with 8 pairs at debug.
    @inlinable @inline(__always)
    public func debug<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .debug) { handle.log(.debug, template, a, b, c, d, e, f, g, h, _function, _line) } }

    /// Logs a template at trace.
    @inlinable @inline(__always)
    public func trace(
        _ template: StaticString, _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, _function, _line) } }

    /// Logs a template with one pair at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, _function, _line) } }

    /// Logs a template with 2 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, _function, _line) } }

    /// Logs a template with 3 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue, C: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, c, _function, _line) } }

    /// Logs a template with 4 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue, C: LogValue, D: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, c, d, _function, _line) } }

    /// Logs a template with 5 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, c, d, e, _function, _line) } }

    /// Logs a template with 6 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, c, d, e, f, _function, _line) } }

    /// Logs a template with 7 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, c, d, e, f, g, _function, _line) } }

    /// Logs a template with 8 pairs at trace.
    @inlinable @inline(__always)
    public func trace<A: LogValue, B: LogValue, C: LogValue, D: LogValue, E: LogValue, F: LogValue, G: LogValue, H: LogValue>(
        _ template: StaticString, _ a: (StaticString, A), _ b: (StaticString, B), _ c: (StaticString, C), _ d: (StaticString, D), _ e: (StaticString, E), _ f: (StaticString, F), _ g: (StaticString, G), _ h: (StaticString, H), _function: StaticString = #function, _line: UInt32 = #line
    ) { if isPassing(cell, .trace) { handle.log(.trace, template, a, b, c, d, e, f, g, h, _function, _line) } }
}
