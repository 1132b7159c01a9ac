/// Keeps parsed templates.
///
/// A literal is found by its address and length, any other template by its bytes.
///
/// Reading takes no lock and counts no references. What is kept is kept for good: there are as many literals as the program
/// has call sites, and of other templates only so many are kept; the rest are parsed for each event.
package struct TemplateCache {
    package static var shared: TemplateCache { TemplateCache() }

    /// How many templates are kept that are no literals, and how long they may be.
    package static let maximumTexts = 1024
    package static let maximumTextLength = 4096
    /// More call sites than any program has: beyond them somebody makes up addresses.
    package static let maximumLiterals = 1 << 16

    private static let literals = TemplateTable()
    private static let texts = TemplateTable()
    /// How many there are of both.
    ///
    /// Held while either is written.
    private static let counts = Lock((literals: 0, texts: 0))

    /// The template of these bytes, parsed when they are new.
    package func template(_ bytes: UnsafeRawBufferPointer, isLiteral: Bool, traversal: Bool) -> CompiledTemplate {
        if isLiteral, traversal {
            if let known = Self.literals.find(literalHash(bytes), { isSame($0, bytes) }) {
                return CompiledTemplate(known, isOwned: false)
            }
            return addLiteral(bytes)
        }
        guard bytes.count <= Self.maximumTextLength else {
            return CompiledTemplate(
                .init(TemplateStorage.make(bytes, isLiteral: false, traversal: traversal)),
                isOwned: true
            )
        }
        let hash = textHash(bytes, traversal)
        if let known = Self.texts.find(hash, { isEqual($0, bytes, traversal, hash) }) {
            return CompiledTemplate(known, isOwned: false)
        }
        return addText(bytes, traversal, hash)
    }

    private func isSame(_ storage: UnsafePointer<TemplateStorage>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        storage.pointee.source.baseAddress == bytes.baseAddress && storage.pointee.source.count == bytes.count
    }

    private func isEqual(
        _ storage: UnsafePointer<TemplateStorage>,
        _ bytes: UnsafeRawBufferPointer,
        _ traversal: Bool,
        _ hash: UInt64
    ) -> Bool {
        storage.pointee.hash == hash && storage.pointee.traversal == traversal
            && sameBytes(storage.pointee.source, bytes)
    }

    private func literalHash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let mixed = (UInt64(UInt(bitPattern: bytes.baseAddress)) &+ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ mixed >> 32
    }

    private func textHash(_ bytes: UnsafeRawBufferPointer, _ traversal: Bool) -> UInt64 {
        var hash: UInt64 = traversal ? 0xCBF2_9CE4_8422_2325 : 0x8422_2325_CBF2_9CE4
        var at = 0
        while at + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            at += 8
        }
        while at < bytes.count {
            hash = (hash ^ UInt64(bytes[at])) &* 0x0000_0100_0000_01B3
            at += 1
        }
        return hash ^ hash >> 32
    }

    @inline(never)
    private func addLiteral(_ bytes: UnsafeRawBufferPointer) -> CompiledTemplate {
        let made = TemplateStorage.make(bytes, isLiteral: true, traversal: true, hash: literalHash(bytes))
        let kept: UnsafePointer<TemplateStorage>? = Self.counts.withLock { counts in
            // Another thread may have been faster.
            if let known = Self.literals.find(literalHash(bytes), { isSame($0, bytes) }) { return known }
            guard counts.literals < Self.maximumLiterals else { return nil }
            counts.literals += 1
            Self.literals.insert(made, count: counts.literals)
            return made
        }
        return settle(made, kept)
    }

    @inline(never)
    private func addText(_ bytes: UnsafeRawBufferPointer, _ traversal: Bool, _ hash: UInt64) -> CompiledTemplate {
        let made = TemplateStorage.make(bytes, isLiteral: false, traversal: traversal, hash: hash)
        let kept: UnsafePointer<TemplateStorage>? = Self.counts.withLock { counts in
            if let known = Self.texts.find(hash, { isEqual($0, bytes, traversal, hash) }) { return known }
            guard counts.texts < Self.maximumTexts else { return nil }
            counts.texts += 1
            Self.texts.insert(made, count: counts.texts)
            return made
        }
        return settle(made, kept)
    }

    private func settle(
        _ made: UnsafePointer<TemplateStorage>,
        _ kept: UnsafePointer<TemplateStorage>?
    ) -> CompiledTemplate {
        guard let kept else { return CompiledTemplate(made, isOwned: true) }
        if kept != made { TemplateStorage.free(made) }
        return CompiledTemplate(kept, isOwned: false)
    }
}
