public import TxaioLog

/// The types of emitters that a configuration file may name.
///
/// `text`, `json` and `journald` are there from the start. Register your own before the file is read, and `type: kafka`
/// works in it:
///
/// ```swift
/// try EmitterRegistry.register("kafka") { options in
///     let topic = options.string("topic")
///     try options.finish()
///     return KafkaEmitter(name: options.name, topic: topic)
/// }
/// ```
///
/// All of it is safe on any thread. Nothing is ever unregistered.
public enum EmitterRegistry {
    /// Makes an emitter from its options.
    ///
    /// It reads all that it knows, calls ``EmitterOptions/finish()``, and only then opens anything. Options that it never
    /// asked for are refused in any case.
    public typealias Factory = @Sendable (inout EmitterOptions) throws -> any LogEmitter

    // Built-in ones come through the same door, when the table is first touched.
    private static let factories = Lock<[String: Factory]>(
        Dictionary(builtInEmitters, uniquingKeysWith: { first, _ in first })
    )

    /// Makes a type of emitter known.
    ///
    /// - Parameters:
    ///   - type: The name that files use: letters, digits, `_` and `-`.
    ///   - factory: Makes one. It runs on the thread that reads the file, under no lock.
    /// - Throws: ``EmitterRegistryError`` where the name is taken or is none.
    public static func register(_ type: String, factory: @escaping Factory) throws(EmitterRegistryError) {
        guard isName(type) else { throw EmitterRegistryError(code: .invalidType, type: type) }
        let isNew = factories.withLock { factories in
            guard factories[type] == nil else { return false }
            factories[type] = factory
            return true
        }
        if !isNew { throw EmitterRegistryError(code: .alreadyRegistered, type: type) }
    }

    /// The names of all types, sorted.
    public static var types: [String] { factories.withLock { Array($0.keys) }.sorted() }

    /// Makes an emitter.
    ///
    /// - Parameters:
    ///   - type: A registered type's name.
    ///   - typePosition: Where the file names it.
    ///   - options: What the file says about it.
    /// - Throws: ``EmitterOptionsError`` with every fault found. An error of another type that the factory throws becomes
    ///   a fault of code ``EmitterOptionsError/Code/unusable``.
    public static func make(
        _ type: String,
        at typePosition: OptionPosition? = nil,
        options: EmitterOptions
    ) throws(EmitterOptionsError) -> any LogEmitter {
        guard let factory = factories.withLock({ $0[type] }) else {
            let message = "unknown emitter type '\(type)' (valid are: \(types.joined(separator: ", ")))"
            let near = Suggestion.closest(to: type, among: types)
            let place = typePosition ?? options.position
            throw EmitterOptionsError([
                .init(.unknownType, option: "type", message: message, at: place, suggestion: near)
            ])
        }
        var options = options
        let made = Result { try factory(&options) }
        switch made {
        case .success(let emitter):
            do {
                try options.finish()
            } catch {
                emitter.close(until: .after(.zero))
                throw error
            }
            return emitter
        case .failure(let error as EmitterOptionsError):
            throw error
        case .failure(let error):
            let fault = EmitterOptionsError.Fault(.unusable, option: "", message: "\(error)", at: options.position)
            throw EmitterOptionsError([fault])
        }
    }

    /// The options that a type's factory reads, as ``EmitterOptions/knownPaths``; empty for an unknown type.
    ///
    /// An option that nobody can know stops the factory where it has read them and opened nothing yet.
    package static func knownOptions(of type: String) -> [String] {
        guard let factory = factories.withLock({ $0[type] }) else { return [] }
        var options = EmitterOptions(name: "probe", [OptionEntry("\u{0}", OptionValue(.null))])
        if let emitter = try? factory(&options) { emitter.close(until: .after(.zero)) }
        return options.knownPaths
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// Why a type of emitter could not be registered.
public struct EmitterRegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    public let code: Code
    /// The type's name.
    public let type: String

    /// `emitter type 'kafka' is registered already`.
    public var description: String { "emitter type '\(type)' \(code.description)" }

    /// What may be wrong.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The end of the sentence.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// There is one of that name.
        public static let alreadyRegistered = Code("is registered already")
        /// The name is empty, too long, or holds other characters than letters, digits, `_` and `-`.
        public static let invalidType = Code("is no name: letters, digits, '_' and '-' are allowed")
    }
}
