// Loggers in every kind of place. Another module asks what they captured: that is how users meet `makeLogger()`.

public import TxaioLog

public struct StructOwner {
    public static let shared = makeLogger()
    public let own = makeLogger()
    public static let constant: StaticLogger = makeLogger()
    public let fromClosure: TxaioLogger = { makeLogger() }()
    public lazy var late = makeLogger()
    public let fromInitialiser: TxaioLogger

    public init() { fromInitialiser = makeLogger() }

    public func method(with label: Int) -> TxaioLogger { makeLogger() }
    public static func staticMethod() -> TxaioLogger { makeLogger() }
    public var computed: TxaioLogger { makeLogger() }
    public subscript(index: Int) -> TxaioLogger { makeLogger() }
}

open class ClassOwner {
    public static let shared = makeLogger()
    public let own = makeLogger()
    public lazy var late = makeLogger()
    public init() {}
}

public final class SubclassOwner: ClassOwner {
    public static let subclassShared = makeLogger()
    public let subclassOwn = makeLogger()
}

public enum EnumOwner {
    public static let shared = makeLogger()
    public static let constant: StaticLogger = makeLogger()
}

public actor ActorOwner {
    public static let shared = makeLogger()
    public let own = makeLogger()
    public init() {}
}

public struct ExtendedOwner {}

extension ExtendedOwner {
    public static let shared = makeLogger()
    public static let constant: StaticLogger = makeLogger()
}

public struct GenericOwner<Element> {
    public let own = makeLogger()
    public init() {}
    public func method() -> TxaioLogger { makeLogger() }
}

public struct Outer {
    public struct Inner {
        public static let shared = makeLogger()
        public let own = makeLogger()
        public static let spelledOut = makeLogger("CaptureFixture.Outer.Inner")
        public init() {}
    }
}

public protocol HasLog {}
extension HasLog {
    public var protocolLog: TxaioLogger { makeLogger() }
}
extension StructOwner: HasLog {}
